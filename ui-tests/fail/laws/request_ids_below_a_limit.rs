use connect::{app, get};
use connect_middleware::rate_limit::RateLimit;
use connect_middleware::request_id::RequestIds;
use std::time::Duration;

#[get("/")]
fn index() -> &'static str {
    "hello"
}

fn main() {
    let _ = app![
        RateLimit::new(100, Duration::from_secs(60)),
        RequestIds::new(),
      //^^^^^^^^^^ error: rustc
        index,
    ];
}
