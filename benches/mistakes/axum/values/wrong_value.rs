//! The twin of `ui-tests/fail/values/wrong_value.rs`.

use axum::extract::State;
use axum::{Router, routing::get};

#[derive(Clone)]
struct User(&'static str);

// #[debug_handler]
async fn show(State(user): State<User>) -> &'static str {
    user.0
}

fn main() {
    let _: Router = Router::new().route("/", get(show)).with_state("ann");
}
