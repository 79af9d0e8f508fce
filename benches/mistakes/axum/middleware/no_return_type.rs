//! The twin of `ui-tests/fail/middleware/no_return_type.rs`.

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::{Router, routing::get};
use tower::ServiceExt;

// #[debug_middleware]
async fn logger(req: Request, next: Next) {
    next.run(req).await;
}

#[tokio::main]
async fn main() {
    let app = Router::new().route("/", get(|| async { "hello" })).layer(from_fn(logger));
    let response = app.oneshot(Request::new(Body::empty())).await.unwrap();
    let status = response.status().as_u16();
    let body = to_bytes(response.into_body(), 100).await.unwrap();
    println!("silently answers {status} with {} bytes in place of `hello`", body.len());
}
