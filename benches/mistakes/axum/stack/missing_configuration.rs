//! The twin of `ui-tests/fail/stack/missing_configuration.rs`.
//! There what configures a middleware is its state, which `from_fn_with_state` gives it, and `from_fn` does not.

use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::{Router, routing::get};

// #[debug_middleware]
async fn role(State(_name): State<&'static str>, req: Request, next: Next) -> Response {
    next.run(req).await
}

fn main() {
    let _: Router = Router::new().route("/", get(|| async { "hello" })).layer(from_fn(role));
}
