//! The twin of `ui-tests/fail/acts/neither_answers_nor_passes.rs`.

use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::{Router, routing::get};

// #[debug_middleware]
async fn logger(req: Request, _next: Next) -> Response {
    println!("{}", req.uri());
}

fn main() {
    let _: Router = Router::new().route("/", get(|| async { "hello" })).layer(from_fn(logger));
}
