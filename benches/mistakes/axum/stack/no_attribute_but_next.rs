//! The twin of `ui-tests/fail/stack/no_attribute_but_next.rs`.
//! A middleware's function where a handler's belongs.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use axum::{Router, routing::get};

async fn logger(req: Request, next: Next) -> Response {
    next.run(req).await
}

fn main() {
    let _: Router = Router::new().route("/", get(logger));
}
