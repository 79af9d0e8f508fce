use connect::{app, get};
use connect_middleware::auth::BearerAuth;
use connect_middleware::rate_limit::RateLimit;
use std::time::Duration;

struct Client;

#[get("/")]
fn index(_client: &Client) -> &'static str {
    "hello"
}

fn main() {
    let _ = app![
        BearerAuth::new(|_token: String| async { Ok(Some(Client)) }),
        RateLimit::new(100, Duration::from_secs(60)),
      //^^^^^^^^^ error: rustc
        index,
    ];
}
