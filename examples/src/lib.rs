//! What the examples share: where they listen.

use std::env;

/// The variable `ADDRESS`, or `127.0.0.1:3000`.
#[must_use]
pub fn address() -> String {
    env::var("ADDRESS").unwrap_or_else(|_| "127.0.0.1:3000".to_owned())
}
