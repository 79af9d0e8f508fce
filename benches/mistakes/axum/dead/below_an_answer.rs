//! The twin of `ui-tests/fail/dead/below_an_answer.rs`.
//! There a layer wraps the routes that were added before it.

use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::{Router, body::Body, extract::Request, routing::get};
use tower::ServiceExt;

// #[debug_middleware]
async fn footer(req: Request, next: Next) -> Response {
    let mut response = next.run(req).await;
    response.headers_mut().insert("x-footer", "yes".parse().unwrap());
    response
}

#[tokio::main]
async fn main() {
    let app = Router::new().layer(from_fn(footer)).route("/", get(|| async { "hello" }));
    let response = app.oneshot(Request::new(Body::empty())).await.unwrap();
    let set = response.headers().contains_key("x-footer");
    println!("silently {} the layer", if set { "applies" } else { "does not apply" });
}
