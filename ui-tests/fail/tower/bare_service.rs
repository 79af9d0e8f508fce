use std::convert::Infallible;

use connect::{Body, app, http, tower};

fn main() {
    let hello = tower::service_fn(|_: http::Request<Body>| async {
        Ok::<_, Infallible>(http::Response::new("hello"))
    });
    let _ = app![tower(hello)];
    //           ^^^^^^^^^^^^ error: rustc
}
