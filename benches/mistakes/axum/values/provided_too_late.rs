//! The twin of `ui-tests/fail/values/provided_too_late.rs`.

use axum::extract::Extension;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::{Router, body::Body, extract::Request, routing::get};
use tower::{ServiceBuilder, ServiceExt};

#[derive(Clone)]
struct User(&'static str);

// #[debug_middleware]
async fn greet(Extension(user): Extension<User>, req: Request, next: Next) -> Response {
    println!("{}", user.0);
    next.run(req).await
}

#[tokio::main]
async fn main() {
    let layers = ServiceBuilder::new().layer(from_fn(greet)).layer(Extension(User("ann")));
    let app = Router::new().route("/", get(|| async { "hello" })).layer(layers);
    let response = app.oneshot(Request::new(Body::empty())).await.unwrap();
    println!("{} on request", response.status().as_u16());
}
