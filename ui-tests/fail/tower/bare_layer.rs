use std::time::Duration;

use connect::app;
use tower::timeout::TimeoutLayer;

fn main() {
    let _ = app![TimeoutLayer::new(Duration::from_secs(1))];
    //           ^^^^^^^^^^^^ error: rustc
}
