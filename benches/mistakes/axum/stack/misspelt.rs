//! The twin of `ui-tests/fail/stack/misspelt.rs`.

use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::{Router, routing::get};

async fn hello(req: Request, next: Next) -> Response {
    next.run(req).await
}

fn main() {
    let router = Router::new().route("/", get(|| async { "hello" }));
    let _: Router = router.layer(from_fn(hello)).layer(from_fn(helo));
}
