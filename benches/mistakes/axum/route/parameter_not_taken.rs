//! The twin of `ui-tests/fail/route/parameter_not_taken.rs`.

use axum::extract::Path;
use axum::{Router, body::Body, extract::Request, routing::get};
use tower::ServiceExt;

// #[debug_handler]
async fn post(Path(id): Path<u64>) -> String {
    id.to_string()
}

#[tokio::main]
async fn main() {
    let app = Router::new().route("/user/{id}/posts/{post}", get(post));
    let response = app.oneshot(Request::get("/user/7/posts/1").body(Body::empty()).unwrap()).await.unwrap();
    println!("{} on request", response.status().as_u16());
}
