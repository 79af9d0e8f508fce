//! The twin of `ui-tests/fail/error_handler/three_parameters.rs`.
//! There an error handler takes the error last, and this one takes none.

use axum::http::{Method, Uri};
use axum::{Router, error_handling::HandleErrorLayer, routing::get};
use std::time::Duration;
use tower::{ServiceBuilder, timeout::TimeoutLayer};

async fn on_error(_method: Method, _uri: Uri) -> &'static str {
    "Something broke!"
}

fn main() {
    let layers = ServiceBuilder::new()
        .layer(HandleErrorLayer::new(on_error))
        .layer(TimeoutLayer::new(Duration::from_secs(1)));
    let _: Router = Router::new().route("/", get(|| async { "hello" })).layer(layers);
}
