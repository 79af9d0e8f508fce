//! The twin of `ui-tests/fail/middleware/request_by_value.rs`.
//! There the request is moved, so that the mistake is to borrow it.

use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::{Router, routing::get};

// #[debug_middleware]
async fn logger(req: &mut Request, next: Next) -> Response {
    next.run(std::mem::take(req)).await
}

fn main() {
    let _: Router = Router::new().route("/", get(|| async { "hello" })).layer(from_fn(logger));
}
