//! The twin of `ui-tests/fail/values/provided_in_a_router.rs`.

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
    let inner = Router::new().route("/inner", get(|| async { "inner" })).layer(Extension(User("ann")));
    let app = Router::new().merge(inner).route("/", get(show));
    let response = app.oneshot(Request::new(Body::empty())).await.unwrap();
    println!("{} on request", response.status().as_u16());
}
