//! The twin of `ui-tests/fail/route/unreachable.rs`.
//! There routes have no order; two that take the same requests are the mistake.

use axum::{Router, routing::get};

fn main() {
    let _: Router = Router::new()
        .route("/user/{id}", get(|| async { "a user" }))
        .route("/user/{name}", get(|| async { "never" }));
}
