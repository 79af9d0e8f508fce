use std::convert::Infallible;

use connect::{Body, app, http, tower_service};

fn main() {
    let hello = tower::service_fn(|_: http::Request<Body>| async { Ok::<_, Infallible>("hello") });
    let _ = app![tower_service(hello)];
    //           ^^^^^^^^^^^^^^^^^^^^ error: rustc
}
