//! The twin of `ui-tests/fail/route/pattern_with_regular_expression.rs`.

use axum::extract::Path;
use axum::{Router, body::Body, extract::Request, routing::get};
use tower::ServiceExt;

// #[debug_handler]
async fn user(Path(id): Path<u64>) -> String {
    id.to_string()
}

#[tokio::main]
async fn main() {
    let app = Router::new().route(r"/user/{id:\d+}", get(user));
    let response = app.oneshot(Request::get("/user/7").body(Body::empty()).unwrap()).await.unwrap();
    println!("silently takes the expression as part of the name: /user/7 is {}", response.status().as_u16());
}
