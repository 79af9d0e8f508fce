use std::time::Duration;

use connect::{app, tower};
use tower::limit::RateLimitLayer;

fn main() {
    let rate = RateLimitLayer::new(5, Duration::from_secs(1));
    let _ = app![tower(rate)];
    //           ^^^^^^^^^^^ error: rustc
}
