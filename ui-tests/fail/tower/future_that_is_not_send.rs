use std::convert::Infallible;
use std::rc::Rc;

use connect::{Body, app, http, tower_service};

fn main() {
    let hello = tower::service_fn(|_: http::Request<Body>| async {
        let text = Rc::new("hello");
        std::future::ready(()).await;
        Ok::<_, Infallible>(http::Response::new(text.to_string()))
    });
    let _ = app![tower_service(hello)];
    //           ^^^^^^^^^^^^^^^^^^^^ error: rustc
}
