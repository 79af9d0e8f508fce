//! Ambiguous requests (RFC 9112, section 11.2), and requests before garbage.

use std::sync::{Arc, Mutex};

use connect::{Request, Response, Result, app, middleware};

use crate::support::Server;

/// The requests that the app has seen.
type Seen = Arc<Mutex<Vec<String>>>;

#[middleware]
async fn record(#[config] seen: Seen, req: &mut Request, res: &mut Response) -> Result {
    let line = format!("{} {}", req.method(), req.path());
    seen.lock().expect("whole").push(line);
    let mut body = Vec::new();
    while let Some(chunk) = req.body_mut().chunk().await {
        match chunk {
            Ok(chunk) => body.extend_from_slice(&chunk),
            Err(err) => return res.status(err.status()).send("bad body"),
        }
    }
    res.send(String::from_utf8_lossy(&body).into_owned())
}

const SECOND: &str = "GET /smuggled HTTP/1.1\r\nhost: x\r\n\r\n";

/// What is sent; a status; whether the app sees the request. The connection is closed after it, and
/// the second request, which follows each, is never seen.
const FORMS: &[(&str, &str, u16, bool)] = &[
    (
        "both lengths",
        "POST /a HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        200,
        true,
    ),
    (
        "both, the other way round",
        "POST /a HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n0\r\n\r\n",
        200,
        true,
    ),
    (
        "two lengths",
        "POST /a HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\ncontent-length: 38\r\n\r\n",
        400,
        false,
    ),
    ("a list of lengths", "POST /a HTTP/1.1\r\nhost: x\r\ncontent-length: 0, 38\r\n\r\n", 400, false),
    ("a length with a sign", "POST /a HTTP/1.1\r\nhost: x\r\ncontent-length: +0\r\n\r\n", 400, false),
    ("a negative length", "POST /a HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n", 400, false),
    ("a length in hexadecimal", "POST /a HTTP/1.1\r\nhost: x\r\ncontent-length: 0x0\r\n\r\n", 400, false),
    (
        "a length beyond 64 bits",
        "POST /a HTTP/1.1\r\nhost: x\r\ncontent-length: 18446744073709551616\r\n\r\n",
        400,
        false,
    ),
    ("no length", "POST /a HTTP/1.1\r\nhost: x\r\ncontent-length: \r\n\r\n", 400, false),
    ("xchunked", "POST /a HTTP/1.1\r\nhost: x\r\ntransfer-encoding: xchunked\r\n\r\n0\r\n\r\n", 400, false),
    (
        "chunked, identity",
        "POST /a HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        400,
        false,
    ),
    ("identity", "POST /a HTTP/1.1\r\nhost: x\r\ntransfer-encoding: identity\r\n\r\n", 400, false),
    (
        "chunked and then not",
        "POST /a HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\ntransfer-encoding: x\r\n\r\n0\r\n\r\n",
        400,
        false,
    ),
    (
        "chunked by HTTP/1.0",
        "POST /a HTTP/1.0\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        400,
        false,
    ),
    (
        "a vertical tab before chunked",
        "POST /a HTTP/1.1\r\nhost: x\r\ntransfer-encoding: \u{b}chunked\r\n\r\n0\r\n\r\n",
        400,
        false,
    ),
    (
        "a size that is no number",
        "POST /a HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n\r\n",
        400,
        true,
    ),
    (
        "a negative size",
        "POST /a HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n-1\r\n\r\n",
        400,
        true,
    ),
    (
        "a size with 0x",
        "POST /a HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n0x1\r\na\r\n0\r\n\r\n",
        400,
        true,
    ),
    (
        "a size beyond 64 bits",
        "POST /a HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n10000000000000000\r\na\r\n",
        400,
        true,
    ),
    ("no size", "POST /a HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n\r\n", 400, true),
    (
        "a chunk longer than its size",
        "POST /a HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n",
        400,
        true,
    ),
    (
        "an extension with a bare LF",
        "POST /a HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n1;a\nb\r\na\r\n0\r\n\r\n",
        400,
        true,
    ),
    (
        "a size ended by a bare LF",
        "POST /a HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n1\na\r\n0\r\n\r\n",
        400,
        true,
    ),
    (
        "a chunk ended by a bare LF",
        "POST /a HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\n0\r\n\r\n",
        400,
        true,
    ),
    ("a space before the colon", "POST /a HTTP/1.1\r\nhost: x\r\ncontent-length : 38\r\n\r\n", 400, false),
    ("a space before the name", "POST /a HTTP/1.1\r\n content-length: 38\r\nhost: x\r\n\r\n", 400, false),
    ("a folded line", "POST /a HTTP/1.1\r\nhost: x\r\nx: y\r\n content-length: 38\r\n\r\n", 400, false),
    ("NUL in a value", "GET /a HTTP/1.1\r\nhost: x\r\nx: a\0b\r\n\r\n", 400, false),
    ("NUL in a name", "GET /a HTTP/1.1\r\nhost: x\r\nx\0: a\r\n\r\n", 400, false),
    ("a bare CR in a value", "GET /a HTTP/1.1\r\nhost: x\r\nx: a\rb: c\r\n\r\n", 400, false),
    ("no name", "GET /a HTTP/1.1\r\nhost: x\r\n: a\r\n\r\n", 400, false),
    ("a space in the target", "GET /a b HTTP/1.1\r\nhost: x\r\n\r\n", 400, false),
    ("two spaces", "GET  /a HTTP/1.1\r\nhost: x\r\n\r\n", 400, false),
    ("another version", "GET /a HTTP/1.2\r\nhost: x\r\n\r\n", 400, false),
    ("a version in small letters", "GET /a http/1.1\r\nhost: x\r\n\r\n", 400, false),
];

#[tokio::test]
async fn an_ambiguous_request_is_refused_and_nothing_after_it_is_read() {
    let seen = Seen::default();
    let server = Server::start(app![record(Arc::clone(&seen))]).await;
    println!(
        "| what | status | the app sees it | the connection | the next request |\n|---|---|---|---|---|"
    );
    let mut wrong = Vec::new();
    for &(what, bytes, status, is_seen) in FORMS {
        let mut client = server.connect().await;
        client.write(&format!("{bytes}{SECOND}")).await;
        let all = client.rest().await;
        let answered = all.split(' ').nth(1).unwrap_or("none").to_owned();
        let requests = std::mem::take(&mut *seen.lock().expect("whole"));
        let smuggled = requests.iter().any(|request| request.contains("smuggled"));
        println!(
            "| {what} | {answered} | {} | closed | {} |",
            if requests.is_empty() { "no" } else { "yes" },
            if smuggled { "READ" } else { "not read" }
        );
        let expected = (status.to_string(), is_seen, false, 1);
        let found = (answered, !requests.is_empty(), smuggled, all.matches("HTTP/1.1 ").count());
        if found != expected {
            wrong.push(format!("{what}: {found:?}, and not {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is sent, and the body that the app sees: unusual but unambiguous forms. The connection is kept alive, and the
/// second request is seen as one.
const UNUSUAL: &[(&str, &str, &str)] = &[
    (
        "lines ended by LF alone (RFC 9112, section 2.2)",
        "POST /a HTTP/1.1\nhost: x\ncontent-length: 2\n\nok",
        "ok",
    ),
    ("empty lines in front", "\r\n\r\nPOST /a HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\nok", "ok"),
    (
        "the same length twice",
        "POST /a HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\ncontent-length: 2\r\n\r\nok",
        "ok",
    ),
    ("a length with zeros in front", "POST /a HTTP/1.1\r\nhost: x\r\ncontent-length: 002\r\n\r\nok", "ok"),
    (
        "Chunked and a space",
        "POST /a HTTP/1.1\r\nhost: x\r\ntransfer-encoding: Chunked \r\n\r\n2\r\nok\r\n0\r\n\r\n",
        "ok",
    ),
    (
        "an extension",
        "POST /a HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n2;a=\"b\"\r\nok\r\n0;c\r\n\r\n",
        "ok",
    ),
    (
        "a size with zeros in front",
        "POST /a HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n0002\r\nok\r\n000\r\n\r\n",
        "ok",
    ),
    (
        "trailers",
        "POST /a HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nx: y\r\n\r\n",
        "ok",
    ),
    ("no value", "POST /a HTTP/1.1\r\nhost: x\r\nx:\r\ncontent-length: 2\r\n\r\nok", "ok"),
    ("a target in absolute form", "POST http://y/a HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\nok", "ok"),
];

#[tokio::test]
async fn an_unusual_but_unambiguous_request_is_served_and_so_is_the_next() {
    let seen = Seen::default();
    let server = Server::start(app![record(Arc::clone(&seen))]).await;
    for (what, bytes, body) in UNUSUAL {
        let mut client = server.connect().await;
        client.write(&format!("{bytes}GET /second HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")).await;
        let response = client.response().await.unwrap_or_else(|| panic!("{what}: no response"));
        assert_eq!(response.seen(), (200, *body), "{what}");
        assert_eq!(client.response().await.map(|response| response.status), Some(200), "{what}");
        let requests = std::mem::take(&mut *seen.lock().expect("whole"));
        assert_eq!(requests, ["POST /a", "GET /second"], "{what}");
        println!("served, and the next one too: {what}");
    }
}

#[tokio::test]
async fn pipelined_requests_before_garbage_are_all_served() {
    let seen = Seen::default();
    let server = Server::start(app![record(Arc::clone(&seen))]).await;
    for (requests, garbage) in
        [(1, "GARBAGE\r\n\r\n"), (16, "\0\0\0\0\r\n\r\n"), (100, "GET / HTTP/1.1\r\nx y\r\n\r\n")]
    {
        let mut client = server.connect().await;
        let mut all: String =
            (0..requests).map(|i| format!("GET /{i} HTTP/1.1\r\nhost: x\r\n\r\n")).collect();
        all += garbage;
        client.write(&all).await;
        let responses = client.rest().await;
        let (good, bad) =
            (responses.matches("HTTP/1.1 200 ").count(), responses.matches("HTTP/1.1 400 ").count());
        println!("{requests} requests and garbage in one write: {good} responses, then {bad} with 400");
        assert_eq!((good, bad), (requests, 1));
    }
}
