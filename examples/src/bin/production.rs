//! A server behind a load balancer: one worker thread for each core, limits, a health check that fails before the
//! shutdown, and a graceful shutdown that drops no request.
//!
//! `ADDRESS=0.0.0.0:8080 cargo run --release --bin production`

use std::time::Duration;

use connect::http::StatusCode;
use connect::{Shutdown, app, get};

#[get("/")]
async fn index() -> &'static str {
    "hello\n"
}

/// Fails once the shutdown has started, so that the load balancer sends no more requests.
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
