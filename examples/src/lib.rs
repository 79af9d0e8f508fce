//! Shared by the examples: the address to listen on, the folder of this package, and a logger.

use std::env;
use std::time::Instant;

use connect::{Next, Request, Response, Result, middleware};

/// The folder of this package, with the templates and files of the examples.
pub const FOLDER: &str = env!("CARGO_MANIFEST_DIR");

/// The variable `ADDRESS`, or `127.0.0.1:3000`.
#[must_use]
pub fn address() -> String {
    env::var("ADDRESS").unwrap_or_else(|_| "127.0.0.1:3000".to_owned())
}

/// Prints a line for each request, as `morgan` does for Express.
#[middleware]
pub async fn logger(req: &mut Request, res: &mut Response, next: Next) -> Result {
    let started = Instant::now();
    let done = next.run(req, res).await;
    println!("{} {} {} {:?}", req.method(), req.original_url(), res.status_code(), started.elapsed());
    Ok(done)
}
