//! A client of HTTP/1.1 that blocks its thread, so that requests of several threads are at the same time.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

pub(crate) struct Answer {
    pub(crate) status: u16,
    /// The token that was set, and empty where the cookie was cleared.
    pub(crate) token: Option<String>,
    pub(crate) body: String,
}

/// Sends a request on a connection of its own. `None` if there is no whole response.
pub(crate) fn send(
    address: SocketAddr,
    method: &str,
    target: &str,
    token: Option<&str>,
) -> std::io::Result<Option<Answer>> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(120)))?;
    let cookie = token.map_or(String::new(), |token| format!("cookie: id={token}\r\n"));
    let length = if method == "POST" { "content-length: 0\r\n" } else { "" };
    let head =
        format!("{method} {target} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{cookie}{length}\r\n");
    stream.write_all(head.as_bytes())?;
    let mut text = String::new();
    stream.read_to_string(&mut text)?;
    Ok(parse(&text))
}

fn parse(text: &str) -> Option<Answer> {
    let (head, body) = text.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let header = |name: &str| {
        head.lines().find_map(|line| {
            let (other, value) = line.split_once(": ")?;
            other.eq_ignore_ascii_case(name).then_some(value)
        })
    };
    if header("content-length").is_some_and(|length| length.parse() != Ok(body.len())) {
        return None;
    }
    let token = header("set-cookie").and_then(|cookie| cookie.strip_prefix("id=")?.split(';').next());
    Some(Answer { status, token: token.map(str::to_owned), body: body.to_owned() })
}
