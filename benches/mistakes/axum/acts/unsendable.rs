//! The twin of `ui-tests/fail/acts/unsendable.rs`.

use axum::{Router, routing::get};

// #[debug_handler]
async fn number() -> i32 {
    404
}

fn main() {
    let _: Router = Router::new().route("/", get(number));
}
