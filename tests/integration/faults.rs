//! Clients that send garbage, stall, send wrong lengths or disconnect: they get a response or a closed connection, and
//! other clients are not affected.

use std::sync::Arc;
use std::time::Duration;

use connect::{Next, Request, Response, Result, app, middleware};
use tokio::sync::Notify;

use crate::support::{Client, Dropped, Server};

#[middleware]
async fn hello(_req: &mut Request, res: &mut Response) -> Result {
    res.send("hello")
}

#[tokio::test]
async fn malformed_requests_get_a_400_and_are_closed() {
    let server = Server::start(app![hello]).await;
    let mut other = server.connect().await;
    for garbage in [
        "GARBAGE\r\n\r\n",
        "GET\r\n\r\n",
        "GET / HTTP/9.9\r\n\r\n",
        "GET /<script> HTTP/1.1\r\nhost: x\r\n\r\n",
        "GET / HTTP/1.1\r\nno colon\r\n\r\n",
        "GET / HTTP/1.1\r\nbad name: x\r\n\r\n",
        "POST / HTTP/1.1\r\ncontent-length: twelve\r\n\r\n",
        "POST / HTTP/1.1\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n",
        "\0\u{1}\u{2}\u{3}\r\n\r\n",
        "GET / HTTP/1.1\r\nx: a\0b\r\n\r\n",
    ] {
        let mut client = server.connect().await;
        client.write(garbage).await;
        let response = client.rest().await;
        assert!(response.starts_with("HTTP/1.1 400 "), "{garbage:?} gave {response:?}");
        other.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n").await;
        assert_eq!(other.response().await.expect("a response").seen(), (200, "hello"));
    }
}

#[tokio::test]
async fn too_many_or_too_large_headers_are_refused() {
    let server = Server::start(app![hello]).await;
    let many: String = (0..200).map(|i| format!("x-{i}: y\r\n")).collect();
    let long = format!("x: {}\r\n", "y".repeat(1 << 20));
    for flood in [many, long] {
        let mut client = server.connect().await;
        client.write(&format!("GET / HTTP/1.1\r\nhost: x\r\n{flood}\r\n")).await;
        let response = client.rest().await;
        // A connection that is reset while headers still arrive may lose the response.
        assert!(response.is_empty() || response.starts_with("HTTP/1.1 431 "), "{response:?}");
        assert_eq!(server.get("/").await.seen(), (200, "hello"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_that_stalls_in_its_head_is_closed() {
    let server = Server::start(app![hello]).await;
    let started = tokio::time::Instant::now();
    // Without a timeout in the client: time is paused and advances only when all tasks are idle.
    let mut client = Client::connect(server.address).await;
    client.write("GET / HTTP/1.1\r\nhost: x").await;
    client.closed().await;
    let waited = started.elapsed();
    assert!((Duration::from_secs(29)..Duration::from_secs(60)).contains(&waited), "{waited:?}");
}

#[tokio::test]
async fn a_client_that_stalls_in_its_body_delays_no_other_client() {
    #[middleware]
    async fn reads(req: &mut Request, res: &mut Response) -> Result {
        while let Some(chunk) = req.body_mut().chunk().await {
            chunk?;
        }
        res.send("read")
    }
    let server = Server::start(app!["/read" => reads, hello]).await;
    let mut stalled = server.connect().await;
    stalled.write("POST /read HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nten bytes.").await;
    for _ in 0..5 {
        assert_eq!(server.get("/").await.seen(), (200, "hello"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_that_stalls_in_an_unread_body_gets_its_response() {
    let server = Server::start(app!["/other" => hello]).await;
    let started = tokio::time::Instant::now();
    let mut client = Client::connect(server.address).await;
    client.write("POST /nowhere HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nten bytes.").await;
    // The final handler waits for the body only for a limited time.
    assert_eq!(client.response().await.expect("a response").status, 404);
    client.closed().await;
    let waited = started.elapsed();
    assert!((Duration::from_secs(2)..Duration::from_secs(5)).contains(&waited), "{waited:?}");
}

#[tokio::test]
async fn a_response_sent_before_the_body_was_read_arrives() {
    let server = Server::start(app![hello]).await;
    for length in [100, 100_000, 800_000] {
        let mut client = server.connect().await;
        client.write(&format!("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: {length}\r\n\r\n")).await;
        client.write(&"x".repeat(length)).await;
        assert_eq!(client.response().await.expect("a response").seen(), (200, "hello"), "{length}");
    }
}

#[tokio::test]
async fn expect_continue_with_an_unread_body_gets_the_response_at_once() {
    let server = Server::start(app!["/hello" => hello]).await;
    for (path, status) in [("/hello", 200), ("/nowhere", 404)] {
        let mut client = server.connect().await;
        let head =
            format!("POST {path} HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 5\r\n\r\n");
        client.write(&head).await;
        assert_eq!(client.response().await.expect("a response").status, status);
    }
}

#[tokio::test]
async fn a_body_that_ends_early_is_an_error_for_its_reader() {
    let (seen, mut errors) = tokio::sync::mpsc::unbounded_channel();
    #[middleware]
    async fn reads(
        #[config] seen: tokio::sync::mpsc::UnboundedSender<String>,
        req: &mut Request,
        res: &mut Response,
    ) -> Result {
        while let Some(chunk) = req.body_mut().chunk().await {
            if let Err(err) = chunk {
                let _ = seen.send(format!("{} {err}", err.status()));
                return Err(err);
            }
        }
        res.send("read")
    }
    let server = Server::start(app![reads(seen)]).await;
    let mut client = server.connect().await;
    client.write("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nten bytes.").await;
    drop(client);
    let error = tokio::time::timeout(Duration::from_secs(20), errors.recv()).await.expect("in time");
    assert_eq!(error.as_deref(), Some("400 Bad Request the body could not be read"));
}

#[tokio::test]
async fn bytes_beyond_the_content_length_are_not_part_of_the_body() {
    #[middleware]
    async fn length(req: &mut Request, res: &mut Response) -> Result {
        let mut length = 0;
        while let Some(chunk) = req.body_mut().chunk().await {
            length += chunk?.len();
        }
        res.send(length.to_string())
    }
    let server = Server::start(app![length]).await;
    let mut client = server.connect().await;
    client.write("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\n12345 and more\r\n\r\n").await;
    assert_eq!(client.response().await.expect("a response").seen(), (200, "5"));
    // The remaining bytes are not the start of a request.
    assert!(client.rest().await.starts_with("HTTP/1.1 400 "));
}

#[tokio::test]
async fn a_disconnect_drops_all_layers_of_the_request() {
    let (started, dropped) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    #[middleware]
    async fn outer(
        #[config] dropped: Arc<Notify>,
        req: &mut Request,
        res: &mut Response,
        next: Next,
    ) -> Result {
        let _guard = Dropped(dropped);
        Ok(next.run(req, res).await)
    }
    #[middleware]
    async fn forever(
        #[config] started: Arc<Notify>,
        #[config] dropped: Arc<Notify>,
        _req: &mut Request,
        _res: &mut Response,
    ) -> Result {
        let _guard = Dropped(dropped);
        started.notify_one();
        std::future::pending().await
    }
    let inner_dropped = Arc::new(Notify::new());
    let app = app![
        outer(Arc::clone(&dropped)),
        "/forever" => forever(Arc::clone(&started), Arc::clone(&inner_dropped)),
        hello
    ];
    let server = Server::start(app).await;
    let mut client = server.connect().await;
    client.write("GET /forever HTTP/1.1\r\nhost: x\r\n\r\n").await;
    started.notified().await;
    client.reset();
    for guard in [inner_dropped, dropped] {
        tokio::time::timeout(Duration::from_secs(20), guard.notified()).await.expect("dropped in time");
    }
    assert_eq!(server.get("/").await.seen(), (200, "hello"));
}

#[tokio::test]
async fn a_handler_that_panics_does_not_close_its_connection() {
    #[middleware]
    async fn panics(_req: &mut Request, _res: &mut Response) -> Result {
        panic!("on purpose")
    }
    let server = Server::start(app!["/panics" => panics, hello]).await;
    let mut client = server.connect().await;
    for (path, status) in [("/panics", 500), ("/", 200), ("/panics", 500)] {
        client.write(&format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n")).await;
        assert_eq!(client.response().await.expect("a response").status, status);
    }
}
