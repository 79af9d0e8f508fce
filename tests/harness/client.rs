//! A client that sends what it is told, byte by byte, and reads what comes.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::ReadHalf;
use tokio::time::{Instant, timeout, timeout_at};

use super::compare::{Exchange, Outcome};

/// The recorder took a request for one that hangs after this time.
const HANG_TIMEOUT: Duration = Duration::from_millis(400);

/// A response that is expected gets longer: many run at a time, maybe on a busy machine.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(10);

/// What was received.
#[derive(Debug, Default)]
pub(crate) struct RawResponse {
    pub(crate) head: Option<Head>,
    pub(crate) body: Vec<u8>,
    pub(crate) outcome: Outcome,
    /// Whether the server closed the connection, where that was waited for.
    pub(crate) closed: Option<bool>,
}

/// The head of a response.
#[derive(Debug, Default, Clone)]
pub(crate) struct Head {
    pub(crate) status: u16,
    pub(crate) reason: String,
    pub(crate) headers: Vec<(String, String)>,
}

impl Head {
    /// A header, and those of the same name behind it.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let same = move |(other, _): &&(String, String)| other.eq_ignore_ascii_case(name);
        self.headers.iter().filter(same).map(|(_, value)| value.as_str())
    }
}

/// Sends the request of an exchange, and waits for what was recorded of the response.
pub(crate) async fn send(address: SocketAddr, exchange: &Exchange) -> RawResponse {
    let mut stream = TcpStream::connect(address).await.expect("the app listens");
    let request = exchange.bytes(address);
    let (mut read, mut write) = stream.split();
    // At the same time, so that neither side waits for the other when a body is long.
    let sending = async {
        // A server that closes early is seen by what it responses.
        let _ = write.write_all(&request).await;
    };
    let ((), response) = tokio::join!(sending, receive(&mut read, exchange));
    response
}

async fn receive(read: &mut ReadHalf<'_>, exchange: &Exchange) -> RawResponse {
    let limit = if exchange.outcome.is_hang() { HANG_TIMEOUT } else { RESPONSE_TIMEOUT };
    let deadline = Instant::now() + limit;
    let mut bytes = Vec::new();
    let mut ended = false;
    loop {
        if let Some(mut response) = parse(&bytes, ended, exchange.method == "HEAD") {
            if exchange.closes.is_some() {
                response.closed = Some(closes(read, exchange.closes == Some(true)).await);
            }
            return response;
        }
        let mut buffer = [0; 8192];
        match timeout_at(deadline, read.read(&mut buffer)).await {
            Ok(Ok(0) | Err(_)) => ended = true,
            Ok(Ok(n)) => bytes.extend_from_slice(&buffer[..n]),
            Err(_) => {
                let mut response = partial(&bytes);
                response.outcome = if bytes.is_empty() { Outcome::NoBytes } else { Outcome::Unfinished };
                return response;
            }
        }
    }
}

/// Whether the server closes the connection now that it has answered.
async fn closes(read: &mut ReadHalf<'_>, expected: bool) -> bool {
    let limit = if expected { RESPONSE_TIMEOUT } else { HANG_TIMEOUT };
    matches!(timeout(limit, read.read(&mut [0; 64])).await, Ok(Ok(0) | Err(_)))
}

/// The response, once it is complete or the connection at its end.
fn parse(bytes: &[u8], ended: bool, to_head: bool) -> Option<RawResponse> {
    let mut response = partial(bytes);
    let complete = match &response.head {
        None => false,
        Some(head) if to_head || matches!(head.status, 204 | 304) => true,
        Some(head) if head.all("transfer-encoding").any(|coding| coding == "chunked") => {
            let (body, complete) = unchunk(&response.body);
            response.body = body;
            complete
        }
        Some(head) => match head.all("content-length").next().and_then(|length| length.parse().ok()) {
            Some(length) => response.body.len() >= length,
            None => ended,
        },
    };
    response.outcome = if complete { Outcome::Complete } else { Outcome::Aborted };
    (complete || ended).then_some(response)
}

/// What is there so far; the body as it is on the wire.
fn partial(bytes: &[u8]) -> RawResponse {
    let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else {
        return RawResponse::default();
    };
    let text = String::from_utf8_lossy(&bytes[..end]);
    let mut lines = text.split("\r\n");
    let mut first = lines.next().unwrap_or_default().splitn(3, ' ').skip(1);
    let mut header = |line: &str| {
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        (name.to_ascii_lowercase(), value.trim().to_owned())
    };
    let head = Head {
        status: first.next().and_then(|status| status.parse().ok()).unwrap_or(0),
        reason: first.next().unwrap_or_default().to_owned(),
        headers: lines.map(&mut header).collect(),
    };
    RawResponse { head: Some(head), body: bytes[end + 4..].to_vec(), ..RawResponse::default() }
}

/// The chunks so far, and whether the last one was there.
fn unchunk(mut bytes: &[u8]) -> (Vec<u8>, bool) {
    let mut body = Vec::new();
    while let Some(end) = bytes.windows(2).position(|window| window == b"\r\n") {
        let size =
            std::str::from_utf8(&bytes[..end]).ok().and_then(|text| usize::from_str_radix(text, 16).ok());
        let Some(size) = size else { break };
        bytes = &bytes[end + 2..];
        if size == 0 {
            return (body, bytes.starts_with(b"\r\n"));
        }
        let Some(chunk) = bytes.get(..size) else { break };
        body.extend_from_slice(chunk);
        bytes = bytes.get(size + 2..).unwrap_or_default();
    }
    (body, false)
}
