use std::time::Duration;

use connect::{app, tower_service};
use tower::timeout::TimeoutLayer;

fn main() {
    let timeout = TimeoutLayer::new(Duration::from_secs(1));
    let _ = app![tower_service(timeout)];
    //           ^^^^^^^^^^^^^^^^^^^^^^ error: rustc
}
