//! What a server logs and prints when it starts.

use std::fmt::Write as _;

use super::bind::Address;
use crate::chain::Chain;
use crate::{App, Environment, Outermost};

/// Logs the addresses. In development it also prints them, below the app's stack.
pub(super) fn show<C: Chain>(app: &App<C, Outermost>, addresses: &[Address], encrypted: bool) {
    let urls: Vec<String> = addresses.iter().map(|address| url(address, encrypted)).collect();
    for url in &urls {
        tracing::info!("listening on {url}");
    }
    if app.is_in(Environment::Development) {
        eprint!("{}", text(&app.to_string(), &urls));
    }
}

/// The address as a URL for a browser.
fn url(address: &Address, encrypted: bool) -> String {
    let scheme = if encrypted { "https" } else { "http" };
    match address {
        Address::Tcp(address) if address.ip().is_unspecified() => {
            format!("{scheme}://localhost:{} (and every other address of this machine)", address.port())
        }
        Address::Tcp(address) => format!("{scheme}://{address}"),
        #[cfg(unix)]
        Address::Unix(path) => path.display().to_string(),
        Address::Unknown => "a socket whose address is unknown".to_owned(),
    }
}

fn text(stack: &str, urls: &[String]) -> String {
    let mut text = String::new();
    for line in stack.lines() {
        // Writing to a `String` does not fail.
        let _ = writeln!(text, "  {line}");
    }
    for url in urls {
        let _ = writeln!(text, "listening on {url}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_banner_has_the_stack_and_each_address() {
        let tcp = |address: &str| url(&Address::Tcp(address.parse().unwrap()), false);
        let urls = [
            tcp("127.0.0.1:3000"),
            tcp("[::]:80"),
            url(&Address::Tcp("192.0.2.1:443".parse().unwrap()), true),
        ];
        let expected = "  logger\n  /users\n    show\nlistening on http://127.0.0.1:3000\n\
            listening on http://localhost:80 (and every other address of this machine)\nlistening on https://192.0.2.1:443\n";
        assert_eq!(text("logger\n/users\n  show", &urls), expected);
    }
}
