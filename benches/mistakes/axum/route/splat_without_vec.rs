//! The twin of `ui-tests/fail/route/splat_without_vec.rs`.

use axum::extract::Path;
use axum::{Router, body::Body, extract::Request, routing::get};
use tower::ServiceExt;

// #[debug_handler]
async fn file(Path(path): Path<Vec<String>>) -> String {
    path.concat()
}

#[tokio::main]
async fn main() {
    let app = Router::new().route("/files/{*path}", get(file));
    let response = app.oneshot(Request::get("/files/a/b").body(Body::empty()).unwrap()).await.unwrap();
    let status = response.status().as_u16();
    let body = axum::body::to_bytes(response.into_body(), 100).await.unwrap();
    println!("{status} on request, `{}` for the list `a`, `b`", String::from_utf8_lossy(&body));
}
