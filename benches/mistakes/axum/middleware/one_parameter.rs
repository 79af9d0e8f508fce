//! The twin of `ui-tests/fail/middleware/one_parameter.rs`.

use axum::extract::Request;
use axum::middleware::from_fn;
use axum::response::{IntoResponse, Response};
use axum::{Router, routing::get};

// #[debug_middleware]
async fn logger(req: Request) -> Response {
    println!("{}", req.uri());
    "logged".into_response()
}

fn main() {
    let _: Router = Router::new().route("/", get(|| async { "hello" })).layer(from_fn(logger));
}
