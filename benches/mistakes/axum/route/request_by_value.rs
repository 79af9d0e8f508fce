//! The twin of `ui-tests/fail/route/request_by_value.rs`.
//! There the request is moved, so that the mistake is to borrow it.

use axum::extract::Request;
use axum::{Router, routing::get};

// #[debug_handler]
async fn index(req: &Request) -> String {
    req.uri().path().to_owned()
}

fn main() {
    let _: Router = Router::new().route("/", get(index));
}
