use std::convert::Infallible;

use connect::{Body, TowerRest, app, http, tower};
use tower::util::BoxCloneServiceLayer;

fn boxed() -> BoxCloneServiceLayer<TowerRest, http::Request<Body>, http::Response<Body>, Infallible> {
    BoxCloneServiceLayer::new(tower::layer::util::Identity::new())
}

fn main() {
    let _ = app![tower(boxed())];
    //           ^^^^^^^^^^^^^^ error: rustc
}
