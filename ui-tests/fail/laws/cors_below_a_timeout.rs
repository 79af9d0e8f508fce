use connect::{app, get};
use connect_middleware::cors::Cors;
use connect_middleware::timeout::Timeout;
use std::time::Duration;

#[get("/")]
fn index() -> &'static str {
    "hello"
}

fn main() {
    let _ = app![
        Timeout::new(Duration::from_secs(10)),
        Cors::any(),
      //^^^^ error: rustc
        index,
    ];
}
