//! The twin of `ui-tests/fail/middleware/wrong_return_type.rs`.

use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::{Router, routing::get};

// #[debug_middleware]
async fn logger(req: Request, next: Next) -> u64 {
    next.run(req).await;
    1
}

fn main() {
    let _: Router = Router::new().route("/", get(|| async { "hello" })).layer(from_fn(logger));
}
