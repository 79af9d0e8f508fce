//! What the examples share: where they listen.

use std::env;
use std::fmt::Display;
use std::io;

use tokio::net::TcpListener;

/// Listens at the variable `ADDRESS`, or at `127.0.0.1:3000`, and prints where, with the stack below it.
///
/// # Errors
/// If the address is none, or in use.
pub async fn listener(app: &impl Display) -> io::Result<TcpListener> {
    let listener = TcpListener::bind(address()).await?;
    println!("http://{}\n{app}", listener.local_addr()?);
    Ok(listener)
}

/// The variable `ADDRESS`, or `127.0.0.1:3000`.
#[must_use]
pub fn address() -> String {
    env::var("ADDRESS").unwrap_or_else(|_| "127.0.0.1:3000".to_owned())
}
