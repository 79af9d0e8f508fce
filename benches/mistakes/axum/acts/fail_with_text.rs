//! The twin of `ui-tests/fail/acts/fail_with_text.rs`.

use axum::body::Body;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::{Router, routing::get};
use tower::ServiceExt;

// #[debug_middleware]
async fn fails(_req: Request, _next: Next) -> Result<Response, &'static str> {
    Err("boom")
}

#[tokio::main]
async fn main() {
    let app = Router::new().route("/", get(|| async { "hello" })).layer(from_fn(fails));
    let response = app.oneshot(Request::new(Body::empty())).await.unwrap();
    println!("silently answers {} for the error", response.status().as_u16());
}
