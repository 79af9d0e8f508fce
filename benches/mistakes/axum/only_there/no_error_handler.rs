//! A mistake that can be made in axum alone.

use axum::{Router, routing::get};
use std::time::Duration;
use tower::timeout::TimeoutLayer;

fn main() {
    let layer = TimeoutLayer::new(Duration::from_secs(1));
    let _: Router = Router::new().route("/", get(|| async { "hello" })).layer(layer);
}
