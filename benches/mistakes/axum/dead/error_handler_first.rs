//! The twin of `ui-tests/fail/dead/error_handler_first.rs`.
//! There layers wrap: an error handler must be around the layer that fails, and this one is within.

use axum::{BoxError, Router, error_handling::HandleErrorLayer, routing::get};
use std::time::Duration;
use tower::{ServiceBuilder, timeout::TimeoutLayer};

async fn tells(err: BoxError) -> String {
    err.to_string()
}

fn main() {
    let layers = ServiceBuilder::new()
        .layer(TimeoutLayer::new(Duration::from_secs(1)))
        .layer(HandleErrorLayer::new(tells));
    let _: Router = Router::new().route("/", get(|| async { "hello" })).layer(layers);
}
