//! The twin of `ui-tests/fail/acts/borrowed_text.rs`.

use axum::extract::Request;
use axum::response::IntoResponse;
use axum::{Router, routing::get};

// #[debug_handler]
async fn echo(req: Request) -> impl IntoResponse {
    req.uri().path()
}

fn main() {
    let _: Router = Router::new().route("/", get(echo));
}
