//! The twin of `ui-tests/fail/stack/path_without_slash.rs`.

use axum::{Router, routing::get};

fn main() {
    let admin = Router::new().route("/", get(|| async { "hello" }));
    let _: Router = Router::new().nest("admin", admin);
}
