//! The twin of `ui-tests/fail/values/promise_not_kept.rs`.
//! Nothing there says that a middleware provides a value; this one only means to.

use axum::extract::Extension;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::{Router, body::Body, extract::Request, routing::get};
use tower::ServiceExt;

#[derive(Clone)]
struct User(&'static str);

// #[debug_middleware]
async fn auth(req: Request, next: Next) -> Response {
    let _user = User("ann");
    next.run(req).await
}

async fn show(Extension(user): Extension<User>) -> String {
    user.0.to_owned()
}

#[tokio::main]
async fn main() {
    let app = Router::new().route("/", get(show)).layer(from_fn(auth));
    let response = app.oneshot(Request::new(Body::empty())).await.unwrap();
    println!("{} on request", response.status().as_u16());
}
