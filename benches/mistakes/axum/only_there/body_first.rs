//! A mistake that can be made in axum alone.

use axum::http::Method;
use axum::{Router, routing::post};

// #[debug_handler]
async fn create(body: String, method: Method) -> String {
    format!("{method} {body}")
}

fn main() {
    let _: Router = Router::new().route("/", post(create));
}
