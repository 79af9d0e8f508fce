//! The twin of `ui-tests/fail/acts/next_twice.rs`.

use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::{Router, routing::get};

// #[debug_middleware]
async fn logger(req: Request, next: Next) -> Response {
    let _answer = next.run(req).await;
    next.run(Request::default()).await
}

fn main() {
    let _: Router = Router::new().route("/", get(|| async { "hello" })).layer(from_fn(logger));
}
