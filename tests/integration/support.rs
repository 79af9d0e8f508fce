//! An app in process, and an app on a socket with a client that writes bytes.

use std::net::SocketAddr;
use std::time::Duration;

use connect::{App, Chain, Environment, Outcome, Request, Response};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A response as the client received it, or as `App::run` left it.
#[derive(Debug)]
pub struct RawResponse {
    pub status: u16,
    /// In order, with names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl RawResponse {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| &**value)
    }

    /// The status and the body, for assertions.
    pub fn seen(&self) -> (u16, &str) {
        (self.status, &self.body)
    }
}

/// A GET request for a path.
pub fn get(path: &str) -> Request {
    http::Request::get(path).body("").expect("a valid path").into()
}

/// Runs an app with a GET request, in process.
pub async fn call<C: Chain, P>(app: &App<C, P>, path: &str) -> RawResponse {
    call_with(app, &mut get(path)).await.0
}

/// Runs an app with a request, in process; returns the response and the outcome.
pub async fn call_with<C: Chain, P>(app: &App<C, P>, req: &mut Request) -> (RawResponse, Outcome) {
    let mut res = Response::new();
    let outcome = app.clone().environment(Environment::Test).run(req, &mut res).await.outcome();
    let headers = res
        .headers()
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_str().expect("text").to_owned()))
        .collect();
    let body = res.body().as_bytes().expect("one buffer");
    let body = String::from_utf8(body.to_vec()).expect("text");
    (RawResponse { status: res.status_code().as_u16(), headers, body }, outcome)
}

/// An app on a socket, until it is dropped.
pub struct Server {
    pub address: SocketAddr,
    task: tokio::task::JoinHandle<std::io::Result<()>>,
}

impl Server {
    pub async fn start<C: Chain, P>(app: App<C, P>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("bound");
        let app = app.environment(Environment::Test);
        let task = tokio::spawn(app.serve_until(listener, std::future::pending::<()>()));
        Server { address, task }
    }

    pub async fn connect(&self) -> Client {
        Client::connect(self.address).await
    }

    /// One request with a body, on a connection of its own. Each header ends with CRLF.
    pub async fn post(&self, path: &str, headers: &str, body: impl AsRef<[u8]>) -> RawResponse {
        let mut client = self.connect().await;
        let length = body.as_ref().len();
        client
            .write(&format!("POST {path} HTTP/1.1\r\nhost: x\r\ncontent-length: {length}\r\n{headers}\r\n"))
            .await;
        client.write_bytes(body.as_ref()).await;
        client.response().await.expect("a response")
    }

    /// One request on a connection of its own.
    pub async fn get(&self, path: &str) -> RawResponse {
        let mut client = self.connect().await;
        client.write(&format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n")).await;
        client.response().await.expect("a response")
    }
}

impl Server {
    /// One request on a connection of its own: `GET /path`, and header lines. Whatever comes until the server closes
    /// the connection is the body, so a response to HEAD has none, and a truncated one is shorter than its `content-length`.
    pub async fn request(&self, line: &str, headers: &[&str]) -> RawResponse {
        let mut client = self.connect().await;
        let headers: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
        client.write(&format!("{line} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{headers}\r\n")).await;
        let text = client.rest().await;
        let (head, body) = text.split_once("\r\n\r\n").expect("a whole head");
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok()).expect("a status");
        let headers = lines.filter_map(|line| line.split_once(": "));
        let headers = headers.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect();
        RawResponse { status, headers, body: body.to_owned() }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A client that sends exactly the bytes of the test.
pub struct Client {
    stream: TcpStream,
    /// Received, and not yet part of a response.
    buffer: Vec<u8>,
}

/// Longer than any step takes, so that a test that would hang fails instead.
const TIMEOUT: Duration = Duration::from_secs(20);

impl Client {
    pub async fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.expect("the server accepts");
        Client { stream, buffer: Vec::new() }
    }

    /// Resets the connection.
    pub fn reset(self) {
        self.stream.set_zero_linger().expect("a socket");
    }

    pub async fn write(&mut self, text: &str) {
        self.write_bytes(text.as_bytes()).await;
    }

    pub async fn write_bytes(&mut self, bytes: &[u8]) {
        // The server may have closed the connection; its response is still read.
        let _ = self.stream.write_all(bytes).await;
    }

    /// Reads one complete response; `None` if the connection ends before it.
    pub async fn response(&mut self) -> Option<RawResponse> {
        tokio::time::timeout(TIMEOUT, self.read_response()).await.expect("a response in time")
    }

    async fn read_response(&mut self) -> Option<RawResponse> {
        let head = loop {
            if let Some(end) = self.buffer.windows(4).position(|w| w == b"\r\n\r\n") {
                break end + 4;
            }
            self.read_more().await?;
        };
        let text = String::from_utf8(self.buffer.drain(..head).collect()).expect("text");
        let mut lines = text.lines();
        let status = lines.next()?.split(' ').nth(1)?.parse().expect("a status");
        let headers: Vec<_> = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
            .collect();
        let mut response = RawResponse { status, headers, body: String::new() };
        let length = response.header("content-length").and_then(|n| n.parse().ok()).unwrap_or(0);
        while self.buffer.len() < length {
            self.read_more().await?;
        }
        response.body = String::from_utf8(self.buffer.drain(..length).collect()).expect("text");
        Some(response)
    }

    async fn read_more(&mut self) -> Option<()> {
        let n = self.stream.read_buf(&mut self.buffer).await.ok()?;
        (n > 0).then_some(())
    }

    /// Reads the head of a response, and leaves its body unread.
    pub async fn head(&mut self) {
        while !self.buffer.windows(4).any(|w| w == b"\r\n\r\n") {
            self.read_more().await.expect("a head");
        }
        let end = self.buffer.windows(4).position(|w| w == b"\r\n\r\n").expect("a head") + 4;
        self.buffer.drain(..end);
    }

    /// Waits until the server closes the connection, however long it takes.
    pub async fn closed(&mut self) {
        while self.read_more().await.is_some() {}
    }

    /// Waits until the server closes the connection, and returns what it sent until then.
    pub async fn rest(mut self) -> String {
        tokio::time::timeout(TIMEOUT, self.closed()).await.expect("the connection is closed in time");
        String::from_utf8_lossy(&self.buffer).into_owned()
    }
}

/// Notifies when it is dropped, for a value that a layer holds.
pub struct Dropped(pub std::sync::Arc<tokio::sync::Notify>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}
