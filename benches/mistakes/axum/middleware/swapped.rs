//! The twin of `ui-tests/fail/middleware/swapped.rs`.

use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::{Router, routing::get};

// #[debug_middleware]
async fn logger(next: Next, req: Request) -> Response {
    next.run(req).await
}

fn main() {
    let _: Router = Router::new().route("/", get(|| async { "hello" })).layer(from_fn(logger));
}
