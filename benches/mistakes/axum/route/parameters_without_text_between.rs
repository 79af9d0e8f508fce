//! The twin of `ui-tests/fail/route/parameters_without_text_between.rs`.

use axum::extract::Path;
use axum::{Router, routing::get};

// #[debug_handler]
async fn flight(Path((from, to)): Path<(String, String)>) -> String {
    format!("{from} {to}")
}

fn main() {
    let _: Router = Router::new().route("/{from}{to}", get(flight));
}
