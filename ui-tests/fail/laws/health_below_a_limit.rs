use std::time::Duration;

use connect::app;
use connect_middleware::health::Health;
use connect_middleware::rate_limit::RateLimit;

fn main() {
    let _ = app![RateLimit::new(10, Duration::from_secs(1)), Health::new()];
    //                                                       ^^^^^^ error: rustc
}
