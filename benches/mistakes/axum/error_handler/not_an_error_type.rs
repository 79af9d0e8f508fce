//! The twin of `ui-tests/fail/error_handler/not_an_error_type.rs`.

use axum::{Router, error_handling::HandleErrorLayer, routing::get};
use std::time::Duration;
use tower::{ServiceBuilder, timeout::TimeoutLayer};

async fn on_error(err: String) -> String {
    err
}

fn main() {
    let layers = ServiceBuilder::new()
        .layer(HandleErrorLayer::new(on_error))
        .layer(TimeoutLayer::new(Duration::from_secs(1)));
    let _: Router = Router::new().route("/", get(|| async { "hello" })).layer(layers);
}
