//! Requests at the same time, within a limit and beyond it, over sockets.
#![cfg(feature = "load-shed")]

use connect::bytes::Bytes;
use connect::testing::Client;
use connect::{App, Chain, Request, Response, Result, app, error_handler, get, router};
use connect_middleware::load_shed::{Capacity, LoadShed};
use futures_util::{StreamExt, stream};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::Notify;

#[get("/")]
fn index() -> &'static str {
    "hello"
}

#[get("/health")]
fn health() -> &'static str {
    "ok"
}

#[get("/panic")]
fn panics() -> &'static str {
    panic!("in the handler")
}

#[get("/never")]
async fn never() -> &'static str {
    std::future::pending().await
}

/// A stream whose second chunk waits until the test says so.
#[derive(Clone, Default)]
struct Gate(Arc<Notify>);

#[get("/stream")]
fn long(gate: &Gate, res: &mut Response) -> Result {
    let gate = gate.clone();
    let second = stream::once(async move {
        gate.0.notified().await;
        Ok::<_, std::io::Error>(Bytes::from_static(b"second"))
    });
    res.stream(stream::iter([Ok(Bytes::from_static(b"first"))]).chain(second))
}

async fn until(capacity: &Capacity, running: usize) {
    let wait = async {
        while capacity.running() != running {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(20), wait).await;
    assert!(waited.is_ok(), "{} requests are running, and not {running}", capacity.running());
}

async fn serve<C: Chain, P>(app: App<C, P>) -> Client {
    Client::serve(app).await.unwrap()
}

/// Sends a request that is not answered completely, and keeps the connection.
async fn send(client: &Client, path: &str) -> TcpStream {
    let socket = TcpStream::connect(client.address().unwrap()).await.unwrap();
    let head = format!("GET {path} HTTP/1.1\r\nhost: a\r\n\r\n");
    socket.writable().await.unwrap();
    assert_eq!(socket.try_write(head.as_bytes()).unwrap(), head.len());
    socket
}

/// The first line of a response, as far as its status.
async fn status_line(socket: &TcpStream) -> String {
    let mut line = [0; 12];
    let mut filled = 0;
    while filled < line.len() {
        socket.readable().await.unwrap();
        match socket.try_read(&mut line[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(err) => assert_eq!(err.kind(), std::io::ErrorKind::WouldBlock),
        }
    }
    String::from_utf8_lossy(&line[..filled]).into_owned()
}

#[tokio::test]
async fn a_request_beyond_the_limit_is_refused_at_once_on_the_error_track() {
    #[error_handler]
    fn page(err: connect::Error, _req: &mut Request, res: &mut Response) -> Result {
        let text = format!("handled: {}", err.status());
        res.error(&err).text(text)
    }

    let shed = LoadShed::new(2).retry_after(Duration::from_millis(1500));
    let capacity = shed.capacity();
    let client = serve(app![shed, never, index, page]).await;
    let held = [send(&client, "/never").await, send(&client, "/never").await];
    until(&capacity, 2).await;
    let res = client.get("/").send().await;
    res.assert_status(503).assert_header("retry-after", "2").assert_contains("handled: 503");
    for socket in held {
        socket.set_zero_linger().unwrap();
    }
    until(&capacity, 0).await;
    client.get("/").send().await.assert_status(200);
    until(&capacity, 0).await;
}

#[tokio::test]
async fn a_stream_counts_until_its_end() {
    let (shed, gate) = (LoadShed::new(1), Gate::default());
    let capacity = shed.capacity();
    let client = serve(app![connect::provide(gate.clone()), shed, long, index]).await;
    let mut open = client.get("/stream").open().await;
    assert_eq!(open.chunk().await.unwrap(), "first");
    assert_eq!(capacity.running(), 1);
    client.get("/").send().await.assert_status(503);
    gate.0.notify_one();
    assert_eq!(open.read().await.text(), "second");
    until(&capacity, 0).await;
    client.get("/").send().await.assert_status(200);
}

#[tokio::test]
async fn a_client_that_leaves_in_the_middle_of_a_stream_or_of_a_handler_no_longer_counts() {
    let shed = LoadShed::new(2);
    let capacity = shed.capacity();
    let client = serve(app![connect::provide(Gate::default()), shed, long, never]).await;
    let streaming = send(&client, "/stream").await;
    assert_eq!(status_line(&streaming).await, "HTTP/1.1 200");
    let waiting = send(&client, "/never").await;
    until(&capacity, 2).await;
    // A reset, which the server notices at once.
    for socket in [streaming, waiting] {
        socket.set_zero_linger().unwrap();
    }
    until(&capacity, 0).await;
}

#[tokio::test]
async fn a_handler_that_panics_and_a_future_that_is_dropped_no_longer_count() {
    let shed = LoadShed::new(1);
    let capacity = shed.capacity();
    let client = Client::new(app![shed, panics, never, index]);
    for _ in 0..3 {
        client.get("/panic").send().await.assert_status(500);
    }
    until(&capacity, 0).await;
    let dropped = tokio::time::timeout(Duration::from_millis(100), client.get("/never").send()).await;
    assert!(dropped.is_err());
    until(&capacity, 0).await;
    client.get("/").send().await.assert_status(200);
}

#[tokio::test]
async fn exempt_requests_are_neither_counted_nor_refused() {
    let shed = LoadShed::new(0).exempt(|req| req.path() == "/health");
    let capacity = shed.capacity();
    let client = Client::new(app![shed, health, index]);
    client.get("/health").send().await.assert_status(200);
    client.get("/").send().await.assert_status(503).assert_header("retry-after", "1");
    assert_eq!(capacity.running(), 0);
}

#[tokio::test]
async fn the_limit_can_be_set_while_the_app_runs() {
    let shed = LoadShed::new(0);
    let capacity = shed.capacity();
    let client = Client::new(app![router![shed, index]]);
    client.get("/").send().await.assert_status(503);
    capacity.set_limit(1);
    assert_eq!(capacity.limit(), 1);
    client.get("/").send().await.assert_status(200);
    capacity.set_limit(0);
    client.get("/").send().await.assert_status(503);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_requests_at_once_never_run_more_than_the_limit() {
    let shed = LoadShed::new(3);
    let capacity = shed.capacity();
    let client = serve(app![shed, never]).await;
    let mut sockets = Vec::new();
    for _ in 0..20 {
        sockets.push(send(&client, "/never").await);
    }
    let mut refused = 0;
    for socket in &sockets {
        let answered = tokio::time::timeout(Duration::from_secs(2), status_line(socket));
        if let Ok(line) = answered.await {
            assert_eq!(line, "HTTP/1.1 503");
            refused += 1;
        }
    }
    assert_eq!((refused, capacity.running()), (17, 3));
}

#[tokio::test]
async fn the_longest_time_to_try_again_is_a_refusal_like_others() {
    let client = Client::new(app![LoadShed::new(0).retry_after(Duration::MAX), index]);
    let seconds = u64::MAX.to_string();
    client.get("/").send().await.assert_status(503).assert_header("retry-after", &seconds);
}
