//! The twin of `ui-tests/fail/acts/done_dropped.rs`.

#![deny(unused_must_use)]
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::{Router, routing::get};
use tower::ServiceExt;

// #[debug_middleware]
async fn logger(req: Request, next: Next) -> Response {
    "from the middleware".into_response();
    next.run(req).await
}

#[tokio::main]
async fn main() {
    let app = Router::new().route("/", get(|| async { "from the handler" })).layer(from_fn(logger));
    let response = app.oneshot(Request::new(Body::empty())).await.unwrap();
    let body = to_bytes(response.into_body(), 100).await.unwrap();
    println!("silently drops the first response and sends `{}`", String::from_utf8_lossy(&body));
}
