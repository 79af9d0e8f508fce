//! The twin of `ui-tests/fail/stack/not_a_layer.rs`.

use axum::{Router, routing::get};

struct Logger;

fn main() {
    let _: Router = Router::new().route("/", get(|| async { "hello" })).layer(Logger);
}
