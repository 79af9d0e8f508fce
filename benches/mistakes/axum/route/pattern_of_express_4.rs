//! The twin of `ui-tests/fail/route/pattern_of_express_4.rs`.

use axum::extract::Path;
use axum::{Router, routing::get};

// #[debug_handler]
async fn user(Path(id): Path<String>) -> String {
    id
}

fn main() {
    let _: Router = Router::new().route("/user/:id", get(user));
}
