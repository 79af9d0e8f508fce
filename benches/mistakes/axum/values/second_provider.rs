//! The twin of `ui-tests/fail/values/second_provider.rs`.

use axum::extract::Extension;
use axum::{Router, body::Body, extract::Request, routing::get};
use tower::{ServiceBuilder, ServiceExt};

#[derive(Clone)]
struct User(&'static str);

// #[debug_handler]
async fn show(Extension(user): Extension<User>) -> String {
    user.0.to_owned()
}

#[tokio::main]
async fn main() {
    let layers =
        ServiceBuilder::new().layer(Extension(User("the first"))).layer(Extension(User("the second")));
    let app = Router::new().route("/", get(show)).layer(layers);
    let response = app.oneshot(Request::new(Body::empty())).await.unwrap();
    let body = axum::body::to_bytes(response.into_body(), 100).await.unwrap();
    println!("silently replaces the first: the handler has `{}`", String::from_utf8_lossy(&body));
}
