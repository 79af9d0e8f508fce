//! The twin of `ui-tests/fail/acts/not_send.rs`.

use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::{Router, routing::get};

// #[debug_middleware]
async fn logger(req: Request, next: Next) -> Response {
    let count = std::rc::Rc::new(1);
    let response = next.run(req).await;
    println!("{count}");
    response
}

fn main() {
    let _: Router = Router::new().route("/", get(|| async { "hello" })).layer(from_fn(logger));
}
