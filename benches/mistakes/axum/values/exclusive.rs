//! The twin of `ui-tests/fail/values/exclusive.rs`.

use axum::extract::Extension;
use axum::{Router, routing::get};

struct User(&'static str);

// #[debug_handler]
async fn show(Extension(user): Extension<&mut User>) -> String {
    user.0.to_owned()
}

fn main() {
    let _: Router = Router::new().route("/", get(show));
}
