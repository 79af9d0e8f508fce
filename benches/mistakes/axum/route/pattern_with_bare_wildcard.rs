//! The twin of `ui-tests/fail/route/pattern_with_bare_wildcard.rs`.

use axum::{Router, routing::get};

fn main() {
    let _: Router = Router::new().route("/files/*", get(|| async { "files" }));
}
