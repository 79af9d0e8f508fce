//! The twin of `ui-tests/fail/acts/status_of_wrong_type.rs`.

use axum::{Router, response::IntoResponse, routing::get};

// #[debug_handler]
async fn missing() -> impl IntoResponse {
    ("404", "missing")
}

fn main() {
    let _: Router = Router::new().route("/", get(missing));
}
