//! Handlers that take too long are canceled, and responses that have begun are not cut.
#![cfg(feature = "timeout")]
#![allow(missing_docs, missing_debug_implementations, reason = "lints for libraries")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use connect::bytes::Bytes;
use connect::testing::Client;
use connect::websocket::{SwitchingProtocols, WebSocketUpgrade};
use connect::{
    Event, Events, Next, Request, Response, Result, app, error_handler, get, middleware, post, provide,
    router, serve_static,
};
use connect_middleware::timeout::{TimedOut, Timeout};
use futures_util::{Stream, StreamExt, stream};
use http::StatusCode;
use tokio::net::TcpStream;
use tokio::sync::Notify;

const SHORT: Duration = Duration::from_millis(100);
const LONG: Duration = Duration::from_secs(60);

/// What was dropped, and what was told to go on.
#[derive(Clone, Default)]
struct Seen {
    dropped: Arc<AtomicUsize>,
    resume: Arc<Notify>,
}

struct OnDrop(Seen);

impl Drop for OnDrop {
    fn drop(&mut self) {
        self.0.dropped.fetch_add(1, Ordering::SeqCst);
    }
}

#[get("/")]
fn index() -> &'static str {
    "hello"
}

#[get("/never")]
async fn never(seen: &Seen, res: &mut Response) -> Result {
    let _held = OnDrop(seen.clone());
    res.status(201).set("x-half", "done");
    std::future::pending::<()>().await;
    res.text("never")
}

#[get("/stream")]
fn long_stream(seen: &Seen, res: &mut Response) -> Result {
    let seen = seen.clone();
    let second = stream::once(async move {
        seen.resume.notified().await;
        Ok::<_, std::io::Error>(Bytes::from_static(b"second"))
    });
    res.stream(stream::iter([Ok(Bytes::from_static(b"first"))]).chain(second))
}

#[get("/events")]
fn events(seen: &Seen) -> Events<impl Stream<Item = Event> + use<>> {
    let seen = seen.clone();
    let second = stream::once(async move {
        seen.resume.notified().await;
        Event::data("second")
    });
    Events::new(stream::iter([Event::data("first")]).chain(second))
}

#[get("/socket")]
fn socket(ws: WebSocketUpgrade) -> SwitchingProtocols {
    ws.on_upgrade(async |mut socket| {
        while let Some(Ok(message)) = socket.recv().await {
            if socket.send(message).await.is_err() {
                break;
            }
        }
    })
}

#[post("/upload")]
async fn upload(body: Bytes) -> String {
    body.len().to_string()
}

#[error_handler]
fn page(err: TimedOut, _req: &mut Request, res: &mut Response) -> Result {
    let text = format!("{err}");
    res.status(503).text(text)
}

#[tokio::test]
async fn a_handler_that_takes_too_long_is_dropped_and_an_error_handler_answers() {
    let seen = Seen::default();
    let client = Client::serve(app![provide(seen.clone()), Timeout::new(SHORT), never, page]).await.unwrap();
    let res = client.get("/never").send().await;
    res.assert_status(503).assert_text("the request took longer than 100ms").assert_no_header("x-half");
    assert_eq!(seen.dropped.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn without_an_error_handler_the_client_gets_a_503_or_the_status_that_was_set() {
    let ask = |timeout: Timeout| async {
        let client = Client::new(app![provide(Seen::default()), timeout, never]);
        client.get("/never").send().await.status()
    };
    assert_eq!(ask(Timeout::new(SHORT)).await, 503);
    assert_eq!(ask(Timeout::new(SHORT).status(StatusCode::GATEWAY_TIMEOUT)).await, 504);
}

#[tokio::test]
async fn what_layers_above_have_set_stays_and_their_hooks_run() {
    #[middleware]
    fn above(_req: &mut Request, res: &mut Response, next: Next) -> Result {
        res.set("x-above", "set");
        res.before_head(async |res| {
            res.set("x-hook", "above");
            Ok(())
        });
        next.pass()
    }
    #[middleware]
    fn below(_req: &mut Request, res: &mut Response, next: Next) -> Result {
        res.set("x-above", "changed").set("x-below", "set");
        res.before_head(async |res| {
            res.set("x-saved", "yes");
            Ok(())
        });
        next.pass()
    }
    let client = Client::new(app![provide(Seen::default()), above, Timeout::new(SHORT), below, never]);
    let res = client.get("/never").send().await;
    res.assert_status(503).assert_header("x-above", "set").assert_no_header("x-below");
    res.assert_header("x-hook", "above").assert_header("x-saved", "yes");
}

#[tokio::test]
async fn a_hook_that_saves_something_is_not_cut() {
    #[middleware]
    fn saves(_req: &mut Request, res: &mut Response, next: Next) -> Result {
        res.before_head(async |res| {
            tokio::time::sleep(3 * SHORT).await;
            res.set("x-saved", "yes");
            Ok(())
        });
        next.pass()
    }
    let client = Client::new(app![Timeout::new(SHORT), saves, index]);
    client.get("/").send().await.assert_status(200).assert_header("x-saved", "yes");
}

#[tokio::test]
async fn a_stream_that_has_begun_is_not_cut() {
    let seen = Seen::default();
    let client = Client::serve(app![provide(seen.clone()), Timeout::new(SHORT), long_stream]).await.unwrap();
    let mut open = client.get("/stream").open().await;
    assert_eq!(open.chunk().await.unwrap(), "first");
    tokio::time::sleep(3 * SHORT).await;
    seen.resume.notify_one();
    assert_eq!(open.read().await.text(), "second");
}

#[tokio::test]
async fn server_sent_events_are_not_cut() {
    let seen = Seen::default();
    let client = Client::serve(app![provide(seen.clone()), Timeout::new(SHORT), events]).await.unwrap();
    let mut open = client.get("/events").open().await;
    assert_eq!(open.chunk().await.unwrap(), "data: first\n\n");
    tokio::time::sleep(3 * SHORT).await;
    seen.resume.notify_one();
    open.read().await.assert_contains("data: second");
}

fn whole() -> Timeout {
    Timeout::new(SHORT).whole_response()
}

/// Never ends, and always has a next piece.
#[get("/flood")]
fn flood(seen: &Seen, res: &mut Response) -> Result {
    let held = OnDrop(seen.clone());
    res.set("content-type", "text/plain");
    let pieces = stream::repeat_with(move || {
        let _ = &held;
        Ok::<_, std::io::Error>(Bytes::from_static(&[b'a'; 1000]))
    });
    res.stream(pieces)
}

/// A response as the client gets it, to the end of the connection.
async fn response(client: &Client, path: &str) -> Vec<u8> {
    response_in(client, path, "identity").await
}

async fn response_in(client: &Client, path: &str, coding: &str) -> Vec<u8> {
    let socket = TcpStream::connect(client.address().unwrap()).await.unwrap();
    write(
        &socket,
        format!("GET {path} HTTP/1.1\r\nhost: a\r\naccept-encoding: {coding}\r\nconnection: close\r\n\r\n")
            .as_bytes(),
    )
    .await;
    let mut received = Vec::new();
    let read = async {
        loop {
            socket.readable().await.unwrap();
            match socket.try_read_buf(&mut received) {
                Ok(0) => break,
                Err(err) if err.kind() != std::io::ErrorKind::WouldBlock => break,
                _ => {}
            }
        }
    };
    tokio::time::timeout(LONG, read).await.unwrap();
    received
}

#[tokio::test]
async fn a_body_that_takes_too_long_breaks_off_where_the_whole_response_is_limited() {
    for path in ["/stream", "/flood"] {
        let seen = Seen::default();
        let app = app![provide(seen.clone()), whole(), long_stream, flood];
        let client = Client::serve(app).await.unwrap();
        let received = response(&client, path).await;
        assert!(received.starts_with(b"HTTP/1.1 200 OK\r\n"), "{path}");
        assert!(!received.ends_with(b"\r\n0\r\n\r\n"), "{path}");
        if path == "/flood" {
            assert_eq!(seen.dropped.load(Ordering::SeqCst), 1);
        }
        client.shutdown().await;
    }
}

#[cfg(feature = "compression")]
#[tokio::test]
async fn a_compressed_body_breaks_off_in_the_same_way() {
    use connect_middleware::compression::Compression;
    let above = app![provide(Seen::default()), Compression::new(), whole(), flood];
    let below = app![provide(Seen::default()), whole(), Compression::new(), flood];
    for client in [Client::serve(above).await.unwrap(), Client::serve(below).await.unwrap()] {
        for coding in ["gzip", "br", "zstd"] {
            let received = response_in(&client, "/flood", coding).await;
            let head = String::from_utf8_lossy(&received[..received.len().min(2000)]).into_owned();
            assert!(head.contains(&format!("content-encoding: {coding}\r\n")), "{head}");
            assert!(!received.ends_with(b"\r\n0\r\n\r\n"), "{coding}");
        }
    }
}

#[tokio::test]
async fn a_body_that_is_sent_in_time_has_its_end_and_its_length() {
    let file = file!().rsplit('/').next().unwrap();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests");
    let app = app![Timeout::new(LONG).whole_response(), serve_static(folder), index];
    let client = Client::serve(app).await.unwrap();
    let length = include_bytes!("timeout.rs").len().to_string();
    let got = client.get(&format!("/{file}")).send().await;
    got.assert_status(200).assert_header("content-length", &length);
    assert_eq!(got.bytes().len().to_string(), length);
    let head = client.request(http::Method::HEAD, &format!("/{file}")).send().await;
    head.assert_status(200).assert_header("content-length", &length);
    client.get("/").send().await.assert_text("hello");
}

#[tokio::test]
async fn events_and_exempt_streams_go_on_where_the_whole_response_is_limited() {
    let seen = Seen::default();
    let timeout = whole().exempt(|req| req.path() == "/stream");
    let client = Client::serve(app![provide(seen.clone()), timeout, events, long_stream]).await.unwrap();
    for (path, first, second) in
        [("/events", "data: first\n\n", "data: second"), ("/stream", "first", "second")]
    {
        let mut open = client.get(path).open().await;
        assert_eq!(open.chunk().await.unwrap(), first);
        tokio::time::sleep(3 * SHORT).await;
        seen.resume.notify_one();
        open.read().await.assert_contains(second);
    }
}

async fn write(socket: &TcpStream, mut bytes: &[u8]) {
    while !bytes.is_empty() {
        socket.writable().await.unwrap();
        match socket.try_write(bytes) {
            Ok(written) => bytes = &bytes[written..],
            Err(err) => assert_eq!(err.kind(), std::io::ErrorKind::WouldBlock),
        }
    }
}

/// Reads until what was read ends with a text.
async fn read_until(socket: &TcpStream, end: &[u8]) -> Vec<u8> {
    let mut all = Vec::new();
    let read = async {
        while !all.ends_with(end) {
            socket.readable().await.unwrap();
            let mut byte = [0];
            match socket.try_read(&mut byte) {
                Ok(0) => break,
                Ok(_) => all.push(byte[0]),
                Err(err) => assert_eq!(err.kind(), std::io::ErrorKind::WouldBlock),
            }
        }
    };
    assert!(tokio::time::timeout(LONG, read).await.is_ok());
    assert!(all.ends_with(end), "{:?}", String::from_utf8_lossy(&all));
    all
}

#[tokio::test]
async fn a_websocket_lives_longer_than_the_time() {
    let client = Client::serve(app![Timeout::new(SHORT), socket]).await.unwrap();
    let socket = TcpStream::connect(client.address().unwrap()).await.unwrap();
    let handshake = b"GET /socket HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
        sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    write(&socket, handshake).await;
    assert!(read_until(&socket, b"\r\n\r\n").await.starts_with(b"HTTP/1.1 101"));
    tokio::time::sleep(3 * SHORT).await;
    // A text frame, whose mask of zeros leaves it as it is.
    write(&socket, b"\x81\x85\0\0\0\0hello").await;
    assert_eq!(read_until(&socket, b"hello").await, b"\x81\x05hello");
}

#[tokio::test]
async fn the_time_in_which_a_body_is_read_counts_and_an_exempt_upload_may_take_longer() {
    let ask = |timeout: Timeout| async {
        let client = Client::serve(app![timeout, upload]).await.unwrap();
        let socket = TcpStream::connect(client.address().unwrap()).await.unwrap();
        write(&socket, b"POST /upload HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\n1").await;
        tokio::time::sleep(5 * SHORT).await;
        write(&socket, b"2").await;
        let head = read_until(&socket, b"\r\n\r\n").await;
        String::from_utf8(head[..12].to_vec()).unwrap()
    };
    assert_eq!(ask(Timeout::new(SHORT)).await, "HTTP/1.1 503");
    assert_eq!(ask(Timeout::new(SHORT).exempt(|req| req.path() == "/upload")).await, "HTTP/1.1 200");
}

#[tokio::test]
async fn some_requests_have_another_time() {
    let time_for = |req: &Request| (req.path() == "/never").then_some(SHORT);
    let timeout = Timeout::new(LONG).time_for(time_for);
    let client = Client::new(app![provide(Seen::default()), timeout, never, index, page]);
    client.get("/never").send().await.assert_status(503);
    client.get("/").send().await.assert_status(200);
}

#[tokio::test]
async fn of_two_around_a_route_the_shorter_one_ends_it() {
    for (outer, inner) in [(SHORT, LONG), (LONG, SHORT)] {
        let seen = Seen::default();
        let app =
            app![provide(seen.clone()), Timeout::new(outer), router![Timeout::new(inner), never], page,];
        let res = Client::new(app).get("/never").send().await;
        res.assert_status(503).assert_text("the request took longer than 100ms");
        assert_eq!(seen.dropped.load(Ordering::SeqCst), 1);
    }
}

#[tokio::test]
async fn the_layers_are_asked_again_over_the_same_connection() {
    let seen = Seen::default();
    let app = app![provide(seen.clone()), Timeout::new(SHORT), never, index];
    let client = Client::serve(app).await.unwrap();
    let socket = TcpStream::connect(client.address().unwrap()).await.unwrap();
    write(&socket, b"GET /never HTTP/1.1\r\nhost: a\r\n\r\nGET / HTTP/1.1\r\nhost: a\r\n\r\n").await;
    let read = String::from_utf8(read_until(&socket, b"\r\n\r\nhello").await).unwrap();
    assert!(read.starts_with("HTTP/1.1 503") && read.contains("HTTP/1.1 200"), "{read}");
}

#[test]
#[should_panic(expected = "200 OK is not the status of an error")]
fn a_status_that_is_none_of_an_error_is_a_mistake() {
    let _ = Timeout::new(SHORT).status(StatusCode::OK);
}
