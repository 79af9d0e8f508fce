//! Requests that the server refuses before the app sees them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use connect::http::{Method, StatusCode};
use connect::{Next, Request, Response, Result, all, app, connect, middleware};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::TestServer;

#[all("/{*rest}")]
fn anything(req: &Request) -> String {
    format!("{} {} {}", req.method(), req.url(), req.host().unwrap_or("-"))
}

#[middleware]
fn counted(#[config] count: Arc<AtomicUsize>, next: Next) -> Result {
    count.fetch_add(1, Ordering::Relaxed);
    next.pass()
}

/// Sends each head to an app that responds everything with a 200, and compares the status. The app does not see
/// a refused request, and nothing after it is read.
async fn check(heads: &[(&str, u16)]) {
    let count = Arc::new(AtomicUsize::new(0));
    let running = TestServer::start(app![counted(Arc::clone(&count)), anything], |server| server);
    for (head, status) in heads {
        let before = count.load(Ordering::Relaxed);
        let mut client = running.client().await;
        let next = "GET /next HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
        client.write(&format!("{head}\r\n{next}")).await;
        let response = client.response().await.expect("a response");
        assert_eq!(response.status, *status, "{head}: {}", response.body);
        if *status >= 400 {
            assert_eq!(client.rest().await, "", "{head}");
            assert_eq!(count.load(Ordering::Relaxed), before, "{head}");
        }
    }
}

#[tokio::test]
async fn a_target_must_be_in_a_form_that_its_method_allows() {
    check(&[
        ("GET /whoami HTTP/1.1\r\nhost: x\r\n", 200),
        ("GET //whoami HTTP/1.1\r\nhost: x\r\n", 200),
        ("GET http://example.com HTTP/1.1\r\nhost: x\r\n", 200),
        ("GET http://example.com?q HTTP/1.1\r\nhost: x\r\n", 200),
        ("GET http://example.com:8080/a HTTP/1.1\r\nhost: x\r\n", 200),
        ("GET whoami HTTP/1.1\r\nhost: x\r\n", 400),
        ("GET whoami:80 HTTP/1.1\r\nhost: x\r\n", 400),
        ("POST example.com:443 HTTP/1.1\r\nhost: x\r\n", 400),
        ("GET ?q HTTP/1.1\r\nhost: x\r\n", 400),
        ("GET * HTTP/1.1\r\nhost: x\r\n", 400),
        ("CONNECT /a HTTP/1.1\r\nhost: x\r\n", 400),
        ("CONNECT a HTTP/1.1\r\nhost: x\r\n", 400),
        ("CONNECT http://a:1/ HTTP/1.1\r\nhost: x\r\n", 400),
    ])
    .await;
}

#[tokio::test]
async fn a_host_must_be_valid() {
    check(&[
        ("GET / HTTP/1.1\r\nhost: example.com:3000\r\n", 200),
        ("GET / HTTP/1.1\r\nhost: [::1]:3000\r\n", 200),
        ("GET / HTTP/1.1\r\nhost:\r\n", 200),
        ("GET / HTTP/1.0\r\n", 200),
        // In absolute form the target counts.
        ("GET http://a/ HTTP/1.1\r\nhost: b\r\n", 200),
        ("GET / HTTP/1.1\r\nhost: a b\r\n", 400),
        ("GET / HTTP/1.1\r\nhost: x/y\r\n", 400),
        ("GET / HTTP/1.1\r\nhost: a\"><script>\r\n", 400),
        ("GET / HTTP/1.1\r\nhost: user@evil:80/x\r\n", 400),
        ("GET / HTTP/1.1\r\nhost: user@evil\r\n", 400),
        ("GET / HTTP/1.1\r\nhost: a, b\r\n", 400),
        ("GET / HTTP/1.1\r\nhost: a:b\r\n", 400),
        ("GET / HTTP/1.1\r\nhost: \u{e9}\r\n", 400),
        ("GET / HTTP/1.0\r\nhost: a b\r\n", 400),
        ("GET / HTTP/1.0\r\nhost: a\r\nhost: a\r\n", 400),
        ("GET http://good.com:pw@evil.com/ HTTP/1.1\r\nhost: x\r\n", 400),
        ("GET http://user@evil.com/ HTTP/1.1\r\nhost: x\r\n", 400),
    ])
    .await;
}

#[tokio::test]
async fn only_a_single_chunked_transfer_coding_is_accepted() {
    check(&[
        ("POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: Chunked\r\n\r\n0\r\n", 200),
        ("POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: gzip, chunked\r\n", 501),
        ("POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: gzip\r\ntransfer-encoding: chunked\r\n", 501),
        ("POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: identity, chunked\r\n", 501),
        ("POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked, chunked\r\n", 400),
        ("POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n", 400),
        ("POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked, gzip, chunked\r\n", 400),
    ])
    .await;
}

#[tokio::test]
async fn only_a_connect_route_can_accept_connect() {
    #[connect("/")]
    fn tunnel(req: &Request) -> String {
        req.uri().to_string()
    }
    #[middleware]
    fn refuses(req: &mut Request, res: &mut Response, next: Next) -> Result {
        if *req.method() == Method::CONNECT { res.send_status(StatusCode::FORBIDDEN) } else { next.pass() }
    }
    #[middleware]
    fn responds(res: &mut Response) -> Result {
        res.send("hello")
    }
    #[all("/")]
    fn root() -> &'static str {
        "root"
    }
    const HEAD: &str = "CONNECT a:1 HTTP/1.1\r\nhost: a:1\r\n\r\n";
    let by_all = TestServer::start(app![anything], |server| server);
    let by_middleware = TestServer::start(app![responds], |server| server);
    let refused = TestServer::start(app![refuses, responds], |server| server);
    let by_route = TestServer::start(app![root, tunnel, anything], |server| server);
    for (running, status) in [(&by_all, 404), (&by_middleware, 501), (&refused, 403), (&by_route, 200)] {
        let mut client = running.client().await;
        client.write(HEAD).await;
        assert_eq!(client.response().await.expect("a response").status, status);
        // Other methods are not affected.
        let mut client = running.client().await;
        client.write("DELETE / HTTP/1.1\r\nhost: x\r\n\r\n").await;
        assert_eq!(client.response().await.expect("a response").status, 200);
    }
}

/// The response to a request over HTTP/2, by the first byte of its header block: `:status` stands first, and is in HPACK's
/// static table where it is one of the common ones.
#[derive(Debug, PartialEq, Eq)]
enum Http2Outcome {
    Ok,
    BadRequest,
    Reset,
}

async fn send_http2(running: &TestServer, fields: &[(&str, &str)]) -> Http2Outcome {
    let mut block = Vec::new();
    for text in fields.iter().flat_map(|(name, value)| [name, value].map(|text| text.as_bytes())) {
        block.push(text);
    }
    let mut encoded = Vec::new();
    for pair in block.chunks(2) {
        // A literal field without indexing (RFC 7541, section 6.2.2).
        encoded.push(0);
        for text in pair {
            encoded.push(u8::try_from(text.len()).expect("short"));
            encoded.extend_from_slice(text);
        }
    }
    let mut bytes = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0".to_vec();
    // HEADERS of stream 1 with END_STREAM and END_HEADERS.
    bytes.extend([0, 0, u8::try_from(encoded.len()).expect("short"), 1, 5, 0, 0, 0, 1]);
    bytes.extend(encoded);
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    stream.write_all(&bytes).await.unwrap();
    loop {
        let mut head = [0; 9];
        stream.read_exact(&mut head).await.expect("a frame");
        let mut payload = vec![0; usize::from(head[1]) << 8 | usize::from(head[2])];
        stream.read_exact(&mut payload).await.expect("a whole frame");
        match (head[3], payload.iter().find(|byte| **byte & 0xe0 != 0x20)) {
            (1, Some(0x88)) => return Http2Outcome::Ok,
            (1, Some(0x8c)) => return Http2Outcome::BadRequest,
            (1, first) => panic!("another status: {first:?}"),
            (3, _) => return Http2Outcome::Reset,
            _ => {}
        }
    }
}

#[tokio::test]
async fn invalid_requests_are_refused_over_http2() {
    let running = TestServer::start(app![anything], |server| server);
    let get = [(":method", "GET"), (":scheme", "http")];
    for (fields, outcome) in [
        (&[(":authority", "x"), (":path", "/")][..], Http2Outcome::Ok),
        (&[(":authority", "x"), (":path", "/"), ("host", "x")], Http2Outcome::Ok),
        (&[(":authority", "X:80"), (":path", "/"), ("host", "x")], Http2Outcome::Ok),
        (&[(":path", "/"), ("host", "x")], Http2Outcome::Ok),
        (&[(":authority", "x"), (":path", "/"), ("host", "y")], Http2Outcome::BadRequest),
        (&[(":authority", "x"), (":path", "/"), ("host", "x:81")], Http2Outcome::BadRequest),
        (&[(":authority", "x"), (":path", "/"), ("host", "")], Http2Outcome::BadRequest),
        (&[(":authority", "x"), (":path", "/"), ("host", "x"), ("host", "x")], Http2Outcome::BadRequest),
        (&[(":path", "/"), ("host", "x"), ("host", "y")], Http2Outcome::BadRequest),
        (&[(":path", "/"), ("host", "a b")], Http2Outcome::BadRequest),
        (&[(":authority", "user@x"), (":path", "/")], Http2Outcome::BadRequest),
        (&[(":authority", "x"), (":path", "*")], Http2Outcome::BadRequest),
    ] {
        let all: Vec<_> = get.iter().chain(fields).copied().collect();
        assert_eq!(send_http2(&running, &all).await, outcome, "{fields:?}");
    }
    // Without a slash h2 itself may refuse it; it is never `/`.
    let whoami = [get[0], get[1], (":authority", "x"), (":path", "whoami")];
    assert_ne!(send_http2(&running, &whoami).await, Http2Outcome::Ok);
}
