//! The twin of `ui-tests/fail/acts/run_in_plain_fn.rs`.

use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::{Router, routing::get};

// #[debug_middleware]
fn logger(req: Request, next: Next) -> Response {
    next.run(req)
}

fn main() {
    let _: Router = Router::new().route("/", get(|| async { "hello" })).layer(from_fn(logger));
}
