//! The twin of `ui-tests/fail/values/route_without_provider.rs`.

use axum::extract::Extension;
use axum::{Router, body::Body, extract::Request, routing::get};
use tower::ServiceExt;

#[derive(Clone)]
struct User(&'static str);

// #[debug_handler]
async fn show(Extension(user): Extension<User>) -> String {
    user.0.to_owned()
}

#[tokio::main]
async fn main() {
    let app = Router::new()
        .route("/login", get(|| async { "login" }).layer(Extension(User("ann"))))
        .route("/me", get(show));
    let response = app.oneshot(Request::get("/me").body(Body::empty()).unwrap()).await.unwrap();
    println!("{} on request", response.status().as_u16());
}
