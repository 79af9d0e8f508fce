//! A server with what one wants of it behind a balancer: a thread for each core, limits, a health check that fails
//! before the end, and an end that loses nothing.
//!
//! `ADDRESS=0.0.0.0:8080 cargo run --release --bin production`

use std::time::Duration;

use connect::http::StatusCode;
use connect::{Shutdown, app, get};

#[get("/")]
async fn index() -> &'static str {
    "hello\n"
}

/// Looks as if it failed once the server is about to end, so that a balancer sends no more requests.
#[get("/health")]
fn health(shutdown: Shutdown) -> StatusCode {
    if shutdown.is_started() { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK }
}

fn main() -> std::io::Result<()> {
    let address = std::env::var("ADDRESS").unwrap_or_else(|_| "127.0.0.1:3000".to_owned());
    app![index, health]
        .server()
        .listen(address)
        .workers(0)
        .header_timeout(Duration::from_secs(10))
        .keep_alive_timeout(Duration::from_secs(60))
        .max_connections(10_000)
        .shutdown_delay(Duration::from_millis(500))
        .shutdown_timeout(Duration::from_secs(20))
        .run_blocking()
}
