//! The twin of `ui-tests/fail/dead/route_below_an_answer.rs`.

use axum::body::{Body, to_bytes};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::{Router, extract::Request, routing::get};
use tower::ServiceExt;

// #[debug_middleware]
async fn hello(_req: Request, _next: Next) -> Response {
    "hello".into_response()
}

#[tokio::main]
async fn main() {
    let app = Router::new().route("/user", get(|| async { "user" })).layer(from_fn(hello));
    let response = app.oneshot(Request::get("/user").body(Body::empty()).unwrap()).await.unwrap();
    let body = to_bytes(response.into_body(), 100).await.unwrap();
    println!("silently answers `{}` to `/user`", String::from_utf8_lossy(&body));
}
