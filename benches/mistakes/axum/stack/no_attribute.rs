//! The twin of `ui-tests/fail/stack/no_attribute.rs`.
//! What makes a layer of a function there is `from_fn`.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use axum::{Router, routing::get};

// #[debug_middleware]
async fn logger(req: Request, next: Next) -> Response {
    next.run(req).await
}

fn main() {
    let _: Router = Router::new().route("/", get(|| async { "hello" })).layer(logger);
}
