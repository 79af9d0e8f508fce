//! Requests whose client disconnects.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use connect::http::{Request as HttpRequest, Version};
use connect::{Body, Event, Events, app, detached, get, post, provide};
use futures_core::Stream;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_stream::StreamExt;

use super::TestServer;

/// How many requests have begun, and how many were run to their end.
#[derive(Clone, Default)]
struct Counts(Arc<(AtomicU32, AtomicU32)>);

impl Counts {
    fn seen(&self) -> (u32, u32) {
        (self.0.0.load(Ordering::SeqCst), self.0.1.load(Ordering::SeqCst))
    }

    async fn reach(&self, begun: u32, ended: u32) {
        let started = Instant::now();
        while self.seen() != (begun, ended) {
            assert!(started.elapsed() < Duration::from_secs(10), "{:?}", self.seen());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

async fn count_and_wait(counts: &Counts) -> &'static str {
    counts.0.0.fetch_add(1, Ordering::SeqCst);
    tokio::time::sleep(Duration::from_millis(300)).await;
    counts.0.1.fetch_add(1, Ordering::SeqCst);
    "done"
}

#[get("/work")]
async fn work(counts: &Counts) -> &'static str {
    count_and_wait(counts).await
}

#[post("/pay", detached(), needs = Counts)]
async fn pay(body: String, counts: &Counts) -> &'static str {
    assert_eq!(body, "debit");
    count_and_wait(counts).await
}

#[tokio::test]
async fn a_handler_is_dropped_when_its_client_resets_unless_it_is_detached() {
    let counts = Counts::default();
    let running = TestServer::start(app![provide(counts.clone()), work, pay], |server| server);
    let disconnect = async |request: &str, begun| {
        let mut client = TcpStream::connect(running.address).await.unwrap();
        client.write_all(request.as_bytes()).await.unwrap();
        counts.reach(begun, counts.seen().1).await;
        client.set_zero_linger().unwrap();
    };
    disconnect("GET /work HTTP/1.1\r\nhost: x\r\n\r\n", 1).await;
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert_eq!(counts.seen(), (1, 0));
    disconnect("POST /pay HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\ndebit", 2).await;
    counts.reach(2, 1).await;
    // `detached` does not apply to later requests.
    disconnect("GET /work HTTP/1.1\r\nhost: x\r\n\r\n", 3).await;
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert_eq!(counts.seen(), (3, 1));
}

#[tokio::test]
async fn over_http2_a_handler_is_dropped_on_reset_unless_it_is_detached() {
    let counts = Counts::default();
    let running = TestServer::start(app![provide(counts.clone()), work, pay], |server| server);
    for (path, begun, ended) in [("/work", 1, 0), ("/pay", 2, 1)] {
        let stream = TcpStream::connect(running.address).await.unwrap();
        let (mut sender, connection) =
            hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
        let connection = tokio::spawn(connection);
        let request = HttpRequest::builder()
            .method(if ended == 1 { "POST" } else { "GET" })
            .uri(format!("http://x{path}"))
            .version(Version::HTTP_2)
            .body(Body::from(if ended == 1 { "debit" } else { "" }))
            .unwrap();
        let response = tokio::spawn(sender.send_request(request));
        counts.reach(begun, counts.seen().1).await;
        response.abort();
        connection.abort();
        drop(sender);
        tokio::time::sleep(Duration::from_millis(600)).await;
        assert_eq!(counts.seen(), (begun, ended), "{path}");
    }
}

/// Counts what is dropped.
struct Dropped(Counts);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.0.1.fetch_add(1, Ordering::SeqCst);
    }
}

#[get("/events")]
fn events(counts: &Counts) -> Events<impl Stream<Item = Event> + use<>> {
    let held = Dropped(counts.clone());
    counts.0.0.fetch_add(1, Ordering::SeqCst);
    Events::new(tokio_stream::once(Event::data("first")).chain(tokio_stream::pending()).map(move |event| {
        let _ = &held;
        event
    }))
}

#[tokio::test]
async fn a_stream_of_events_is_dropped_when_its_client_closes_the_connection() {
    let counts = Counts::default();
    // Neither timeout nor keep-alive comment comes before the test has given up.
    let minute = Duration::from_secs(60);
    let running = TestServer::start(app![provide(counts.clone()), work, events], |server| {
        server.half_close_timeout(minute)
    });
    for begun in 1..=3 {
        let mut client = TcpStream::connect(running.address).await.unwrap();
        client.write_all(b"GET /events HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        counts.reach(begun, begun - 1).await;
        let mut came = Vec::new();
        while !came.ends_with(b"data: first\n\n\r\n") {
            assert_ne!(client.read_buf(&mut came).await.unwrap(), 0);
        }
        match begun {
            // As a program that ends.
            1 => {}
            2 => client.set_zero_linger().unwrap(),
            // Half of it, and the other half stays open.
            _ => {
                client.shutdown().await.unwrap();
                counts.reach(begun, begun).await;
            }
        }
        drop(client);
        counts.reach(begun, begun).await;
    }
    // The next request of a connection may be half closed again.
    let mut client = TcpStream::connect(running.address).await.unwrap();
    client.write_all(b"GET /work HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
    client.shutdown().await.unwrap();
    let mut came = String::new();
    client.read_to_string(&mut came).await.unwrap();
    assert!(came.ends_with("done"), "{came}");
}

#[tokio::test]
async fn shutdown_waits_for_a_detached_request() {
    let counts = Counts::default();
    let running = TestServer::start(app![provide(counts.clone()), pay], |server| server);
    let mut client = TcpStream::connect(running.address).await.unwrap();
    client.write_all(b"POST /pay HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\ndebit").await.unwrap();
    counts.reach(1, 0).await;
    client.set_zero_linger().unwrap();
    drop(client);
    tokio::time::sleep(Duration::from_millis(50)).await;
    running.shutdown.start();
    running.ended().await;
    assert_eq!(counts.seen(), (1, 1));
}
