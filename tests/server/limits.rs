use std::time::{Duration, Instant};

use connect::{Request, app, post};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{TestServer, index, sleep};

const SHORT: Duration = Duration::from_millis(150);

/// Many times that, for a machine that has other work to do, and less than the default of each timeout.
const LONG: Duration = Duration::from_secs(20);

#[post("/length")]
async fn length(req: &mut Request) -> connect::Result<String> {
    Ok(req.bytes().await?.len().to_string())
}

#[tokio::test]
async fn an_incomplete_head_gets_a_408() {
    let running = TestServer::start(app![index], |server| server.header_timeout(SHORT));
    for head in ["G", "GET / HTTP/1.1\r\nhost: x\r\n"] {
        let mut client = running.client().await;
        client.write(head).await;
        let response = client.rest().await;
        assert_eq!(
            response,
            "HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
        );
    }
    // The timeout applies to the second head of a connection too, and to a head that arrives slowly.
    let mut client = running.client().await;
    client.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n").await;
    assert_eq!(client.response().await.expect("a response").status, 200);
    let started = Instant::now();
    for byte in "GET / HTTP/1.1\r\nhost: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx".split_inclusive(|_| true) {
        client.write(byte).await;
        tokio::time::sleep(SHORT / 10).await;
    }
    assert_eq!(client.response().await.expect("an answer").status, 408);
    assert!(started.elapsed() < LONG, "{:?}", started.elapsed());
}

#[tokio::test]
async fn a_connection_that_sends_nothing_is_closed_without_a_response() {
    let running = TestServer::start(app![index], |server| server.header_timeout(SHORT));
    assert_eq!(running.client().await.rest().await, "");
}

#[tokio::test]
async fn an_idle_connection_is_closed_and_a_busy_one_is_not() {
    let app = app![index, sleep];
    let running = TestServer::start(app, |server| server.keep_alive_timeout(SHORT).header_timeout(SHORT));
    let mut client = running.client().await;
    for _ in 0..3 {
        // Longer than either limit.
        client.write("GET /sleep/300 HTTP/1.1\r\nhost: x\r\n\r\n").await;
        assert_eq!(client.response().await.expect("a response").body, "slept 300 ms");
    }
    // Shorter than the limit, and longer in all.
    for _ in 0..5 {
        tokio::time::sleep(SHORT / 3).await;
        client.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n").await;
        assert_eq!(client.response().await.expect("a response").status, 200);
    }
    let started = Instant::now();
    assert_eq!(client.rest().await, "");
    assert!(started.elapsed() > SHORT / 2 && started.elapsed() < LONG, "{:?}", started.elapsed());
}

#[tokio::test]
async fn a_silent_response_stream_is_not_idle() {
    #[connect::get("/events")]
    async fn events() -> connect::Body {
        use tokio_stream::StreamExt;
        let items = tokio_stream::iter(["a", "b", "c"]).throttle(SHORT * 2);
        connect::Body::stream(items.map(Ok::<_, std::io::Error>))
    }
    let running =
        TestServer::start(app![events], |server| server.keep_alive_timeout(SHORT).header_timeout(SHORT));
    let mut client = running.client().await;
    client.write("GET /events HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    let response = client.rest().await;
    assert!(response.ends_with("1\r\na\r\n1\r\nb\r\n1\r\nc\r\n0\r\n\r\n"), "{response}");
}

#[tokio::test]
async fn a_client_that_does_not_read_its_response_is_reset() {
    #[connect::get("/much")]
    fn much() -> Vec<u8> {
        vec![b'x'; 64 << 20]
    }
    let running = TestServer::start(app![much], |server| server.write_timeout(SHORT));
    let mut client = tokio::net::TcpStream::connect(running.address).await.unwrap();
    client.write_all(b"GET /much HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut first = [0; 12];
    client.read_exact(&mut first).await.unwrap();
    assert_eq!(&first, b"HTTP/1.1 200");
    assert_eq!(running.open_connections(), 1);
    let started = Instant::now();
    while running.open_connections() > 0 {
        assert!(started.elapsed() < LONG);
        tokio::time::sleep(SHORT / 5).await;
    }
    assert!(started.elapsed() > SHORT / 2);
    // It is reset, so that the kernel drops the data that it has not sent.
    let mut rest = Vec::new();
    let err = client.read_to_end(&mut rest).await.expect_err("a reset");
    assert_eq!(err.kind(), std::io::ErrorKind::ConnectionReset);
    // A client that reads slowly gets the whole response.
    let mut client = tokio::net::TcpStream::connect(running.address).await.unwrap();
    client.write_all(b"GET /much HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
    let (mut all, mut chunk) = (0, vec![0; 4 << 20]);
    loop {
        match client.read(&mut chunk).await.unwrap() {
            0 => break,
            read => all += read,
        }
        if all < 32 << 20 {
            tokio::time::sleep(SHORT / 15).await;
        }
    }
    assert!(all > 64 << 20, "{all}");
}

#[tokio::test]
async fn a_head_above_the_limits_gets_a_431() {
    let running = TestServer::start(app![index], |server| server.max_headers(5).max_header_bytes(10_000));
    for (count, length, status) in [(4, 10, 200), (6, 10, 431), (1, 9_000, 200), (1, 11_000, 431)] {
        let mut client = running.client().await;
        let header = format!("x-header: {}\r\n", "x".repeat(length));
        client.write(&format!("GET / HTTP/1.1\r\nhost: x\r\n{}\r\n", header.repeat(count))).await;
        assert_eq!(client.response().await.expect("a response").status, status, "{count} of {length}");
    }
}

#[tokio::test]
async fn a_request_needs_exactly_one_host() {
    let running = TestServer::start(app![index], |server| server);
    for (head, status) in [
        ("GET / HTTP/1.1\r\nhost: x\r\n", 200),
        ("GET / HTTP/1.1\r\nhost:\r\n", 200),
        ("GET / HTTP/1.0\r\n", 200),
        ("GET / HTTP/1.1\r\n", 400),
        ("GET / HTTP/1.1\r\nhost: x\r\nhost: y\r\n", 400),
    ] {
        let mut client = running.client().await;
        // After a refused request the next one is not read.
        client.write(&format!("{head}\r\nGET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")).await;
        let response = client.response().await.expect("a response");
        assert_eq!(response.status, status, "{head}");
        if status == 400 {
            assert_eq!(response.header("connection"), Some("close"));
            assert_eq!(client.rest().await, "");
        }
    }
}

#[tokio::test]
async fn connections_above_max_connections_wait_and_above_the_peer_limit_are_closed() {
    let running = TestServer::start(app![index], |server| server.max_connections(2));
    let first = running.client().await;
    let mut second = running.client().await;
    second.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n").await;
    assert_eq!(second.response().await.expect("a response").status, 200);
    let mut third = running.client().await;
    third.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n").await;
    tokio::time::sleep(SHORT).await;
    assert_eq!(running.open_connections(), 2);
    drop(first);
    assert_eq!(third.response().await.expect("a response").status, 200);

    let running = TestServer::start(app![index], |server| server.max_connections_per_peer(1));
    let mut first = running.client().await;
    first.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n").await;
    assert_eq!(first.response().await.expect("a response").status, 200);
    assert_eq!(running.client().await.rest().await, "");
    drop(first);
    tokio::time::sleep(SHORT).await;
    let mut again = running.client().await;
    again.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n").await;
    assert_eq!(again.response().await.expect("a response").status, 200);
}

#[tokio::test]
async fn a_listener_without_connections_takes_no_slot() {
    let running = TestServer::start(app![index], |server| server.max_connections(1).listen("127.0.0.1:0"));
    for address in [running.addresses[1], running.addresses[0], running.addresses[1]] {
        let mut client = super::support::Client::connect(address).await;
        client.write("GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
        assert_eq!(client.response().await.expect("a response").status, 200);
        assert_eq!(client.rest().await, "");
    }
}

#[tokio::test]
async fn a_panic_in_a_stream_keeps_earlier_responses() {
    struct Panics;
    impl futures_core::Stream for Panics {
        type Item = std::io::Result<&'static str>;
        fn poll_next(
            self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Option<Self::Item>> {
            panic!("a stream that panics")
        }
    }
    #[connect::get("/panics")]
    fn panics() -> connect::Body {
        connect::Body::stream(Panics)
    }
    let running = TestServer::start(app![index, panics], |server| server);
    let mut client = running.client().await;
    // Both in one write: their responses are sent together.
    client
        .write(&format!(
            "{}{}",
            "GET / HTTP/1.1\r\nhost: x\r\n\r\n", "GET /panics HTTP/1.1\r\nhost: x\r\n\r\n"
        ))
        .await;
    assert_eq!(client.response().await.expect("the first response").seen(), (200, "index"));
    let rest = client.rest().await;
    assert!(!rest.contains("0\r\n\r\n"), "the second is incomplete: {rest}");
}

#[tokio::test]
async fn a_stalled_body_gets_a_408() {
    let running = TestServer::start(app![length], |server| server.body_timeout(SHORT));
    let mut client = running.client().await;
    client.write("POST /length HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n12345").await;
    assert_eq!(client.response().await.expect("a response").status, 408);
}

impl TestServer {
    /// How many connections are open, as the server's `Debug` says.
    fn open_connections(&self) -> usize {
        let text = format!("{:?}", self.shutdown);
        text.split("connections: ").nth(1).and_then(|rest| rest.split(' ').next()?.parse().ok()).expect(&text)
    }
}
