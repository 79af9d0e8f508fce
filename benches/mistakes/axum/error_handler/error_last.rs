//! The twin of `ui-tests/fail/error_handler/error_last.rs`.
//! There the error is the last parameter, so that the mistake is to put it first.

use axum::http::{Method, Uri};
use axum::{BoxError, Router, error_handling::HandleErrorLayer, routing::get};
use std::time::Duration;
use tower::{ServiceBuilder, timeout::TimeoutLayer};

async fn on_error(err: BoxError, _method: Method, _uri: Uri) -> String {
    err.to_string()
}

fn main() {
    let layers = ServiceBuilder::new()
        .layer(HandleErrorLayer::new(on_error))
        .layer(TimeoutLayer::new(Duration::from_secs(1)));
    let _: Router = Router::new().route("/", get(|| async { "hello" })).layer(layers);
}
