//! The twin of `ui-tests/fail/route/answer_of_a_wrong_type.rs`.

use axum::{Router, routing::get};

// #[debug_handler]
async fn number() -> u64 {
    42
}

fn main() {
    let _: Router = Router::new().route("/answer", get(number));
}
