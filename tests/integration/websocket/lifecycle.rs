//! How a WebSocket ends: with its function, with its client, with the server; and its halves.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use connect::testing::Client as TestClient;
use connect::websocket::{Message, SwitchingProtocols, WebSocketUpgrade};
use connect::{Environment, Error, Request, Response, Result, app, get, middleware};
use futures_util::StreamExt;
use tokio::sync::{Notify, mpsc};
use tokio::time::timeout;

use super::{HANDSHAKE, Socket, TIMEOUT, echo, open_at, start_until};
use crate::support::{Client, Dropped, Server};

#[tokio::test]
async fn a_panic_or_error_in_the_function_closes_only_its_websocket() {
    #[get("/panics")]
    fn panics(ws: WebSocketUpgrade) -> SwitchingProtocols {
        ws.on_upgrade(async |mut socket| {
            assert!(socket.recv().await.is_none(), "on purpose");
        })
    }
    #[get("/fails")]
    fn fails(ws: WebSocketUpgrade) -> SwitchingProtocols {
        ws.on_upgrade(async |mut socket| {
            let _ = socket.recv().await;
            Err(Error::msg("the database is gone"))
        })
    }
    let server = Server::start(app![panics, fails, echo]).await;
    let mut other = Socket::open(&server, "/echo").await;
    for path in ["/panics", "/fails"] {
        let mut socket = Socket::open(&server, path).await;
        socket.send("go").await;
        assert_eq!(socket.code().await, 1011);
        assert_eq!(socket.next().await, None);
        other.send("here?").await;
        assert_eq!(other.next().await, Some(Message::text("here?")));
    }
}

#[tokio::test]
async fn a_disconnect_ends_the_function() {
    let (dropped, ended) = (Arc::new(Notify::new()), mpsc::unbounded_channel());
    let (sender, mut receiver) = ended;
    #[middleware]
    async fn waits(
        #[config] dropped: Arc<Notify>,
        #[config] ended: mpsc::UnboundedSender<bool>,
        req: &mut Request,
        res: &mut Response,
    ) -> Result {
        use connect::{FromRequest as _, Responder as _};
        WebSocketUpgrade::from_request(req)
            .await?
            .on_upgrade(async move |mut socket| {
                let _guard = Dropped(dropped);
                let _ = ended.send(matches!(socket.recv().await, Some(Err(_))));
            })
            .respond(res)
    }
    let server = Server::start(app!["/" => waits(Arc::clone(&dropped), sender)]).await;
    let socket = Socket::open(&server, "/").await;
    // Without a close frame.
    drop(socket);
    assert_eq!(timeout(TIMEOUT, receiver.recv()).await.expect("in time"), Some(true));
    timeout(TIMEOUT, dropped.notified()).await.expect("dropped in time");
}

#[tokio::test]
async fn a_client_that_sends_no_pongs_is_disconnected() {
    let (ended, mut over) = mpsc::unbounded_channel();
    #[middleware]
    async fn pings(
        #[config] ended: mpsc::UnboundedSender<Duration>,
        req: &mut Request,
        res: &mut Response,
    ) -> Result {
        use connect::{FromRequest as _, Responder as _};
        let started = std::time::Instant::now();
        let ws = WebSocketUpgrade::from_request(req).await?.ping_interval(Duration::from_millis(500));
        ws.on_upgrade(async move |mut socket| {
            while let Some(Ok(message)) = socket.recv().await {
                let _ = socket.send(message).await;
            }
            let _ = ended.send(started.elapsed());
        })
        .respond(res)
    }
    #[get("/busy")]
    fn busy(ws: WebSocketUpgrade) -> SwitchingProtocols {
        ws.ping_interval(Duration::from_millis(100)).on_upgrade(async |mut socket| {
            // It receives for a moment, and then works for longer than the ping timeout.
            let _ = timeout(Duration::from_millis(1), socket.recv()).await;
            tokio::time::sleep(Duration::from_millis(800)).await;
            socket.send("done").await?;
            drop(socket.recv().await);
            Ok(())
        })
    }
    #[get("/never")]
    fn never(ws: WebSocketUpgrade) -> SwitchingProtocols {
        ws.ping_interval(None).on_upgrade(async |mut socket| drop(socket.recv().await))
    }
    let server = Server::start(app!["/pings" => pings(ended), busy, never]).await;
    let mut silent = server.connect().await;
    silent.write(&format!("GET /pings HTTP/1.1\r\nhost: x\r\n{HANDSHAKE}\r\n")).await;
    silent.head().await;
    let lived = timeout(TIMEOUT, over.recv()).await.expect("in time").expect("told");
    assert!((Duration::from_millis(990)..TIMEOUT).contains(&lived), "{lived:?}");
    // Pings came, with nothing in them.
    let received = silent.rest().await;
    assert!(!received.is_empty() && received.replace("\u{fffd}\0", "").is_empty(), "{received:?}");

    // One that does answer may be silent otherwise.
    let mut responsive = Socket::open(&server, "/pings").await;
    for _ in 0..4 {
        assert_eq!(responsive.next().await, Some(Message::Ping(bytes::Bytes::new())));
    }
    responsive.send("here").await;
    while responsive.next().await != Some(Message::text("here")) {}
    assert!(over.try_recv().is_err());

    let mut busy = Socket::open(&server, "/busy").await;
    while busy.next().await.expect("it goes on") != Message::text("done") {}

    let mut never = Socket::open(&server, "/never").await;
    assert!(timeout(Duration::from_millis(200), never.socket.next()).await.is_err());
}

#[tokio::test]
async fn a_split_websocket_works_in_two_tasks_and_stays_open_until_both_end() {
    #[get("/")]
    fn two_tasks(ws: WebSocketUpgrade) -> SwitchingProtocols {
        ws.on_upgrade(async |socket| {
            let (mut sender, mut receiver) = socket.split();
            let (to, mut from) = mpsc::unbounded_channel();
            tokio::spawn(async move {
                while let Some(Ok(message)) = receiver.recv().await {
                    let _ = to.send(message);
                }
            });
            tokio::spawn(async move {
                while let Some(message) = from.recv().await {
                    if sender.send(message).await.is_err() {
                        break;
                    }
                }
            });
        })
    }
    let server = Server::start(app![two_tasks]).await;
    let mut socket = Socket::open(&server, "/").await;
    for number in 0..1000 {
        socket.send(number.to_string()).await;
    }
    for number in 0..1000 {
        assert_eq!(socket.next().await, Some(Message::text(number.to_string())));
    }
    socket.socket.close(None).await.expect("it closes");
    assert!(matches!(socket.next().await, Some(Message::Close(_))));
    assert_eq!(socket.next().await, None);
}

#[tokio::test]
async fn a_websocket_is_a_stream_and_a_sink() {
    #[get("/")]
    fn streams(ws: WebSocketUpgrade) -> SwitchingProtocols {
        ws.write_buffer_size(64).read_buffer_size(512).on_upgrade(async |socket| {
            let (sink, stream) = socket.split();
            stream.forward(sink).await?;
            Ok(())
        })
    }
    let server = Server::start(app![streams]).await;
    let mut socket = Socket::open(&server, "/").await;
    for length in [1, 100, 10_000] {
        socket.send("x".repeat(length)).await;
        assert_eq!(socket.next().await, Some(Message::text("x".repeat(length))));
    }
    socket.socket.close(None).await.expect("it closes");
    assert!(matches!(socket.next().await, Some(Message::Close(_))));
}

#[tokio::test]
async fn shutdown_sends_close_1001_and_waits_for_the_functions() {
    static ENDED: Mutex<u32> = Mutex::new(0);
    #[get("/")]
    fn takes_its_time(ws: WebSocketUpgrade) -> SwitchingProtocols {
        ws.on_upgrade(async |mut socket| {
            while let Some(Ok(message)) = socket.recv().await {
                if socket.send(message).await.is_err() {
                    break;
                }
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
            *ENDED.lock().unwrap() += 1;
        })
    }
    let (server, stop) = start_until(app![takes_its_time]).await;
    let mut sockets = Vec::new();
    for _ in 0..10 {
        let mut socket = open_at(server.address, "/").await;
        socket.send("hello").await;
        assert_eq!(socket.next().await, Some(Message::text("hello")));
        sockets.push(socket);
    }
    stop.send(()).expect("the server runs");
    for socket in &mut sockets {
        assert_eq!(socket.code().await, 1001);
        assert_eq!(socket.next().await, None);
    }
    timeout(TIMEOUT, server.task).await.expect("in time").expect("no panic").expect("a clean end");
    assert_eq!(*ENDED.lock().unwrap(), 10);
}

#[tokio::test(start_paused = true)]
async fn the_close_handshake_has_a_timeout() {
    #[get("/closes")]
    fn closes(ws: WebSocketUpgrade) -> SwitchingProtocols {
        ws.on_upgrade(async |mut socket| {
            socket.close(1000, "").await?;
            assert!(socket.recv().await.is_none());
            assert!(socket.send("x").await.is_err());
            Ok(())
        })
    }
    let started = tokio::time::Instant::now();
    let (server, stop) = start_until(app![closes, echo]).await;
    let mut silent = Vec::new();
    for path in ["/closes", "/echo"] {
        let mut client = Client::connect(server.address).await;
        client.write(&format!("GET {path} HTTP/1.1\r\nhost: x\r\n{HANDSHAKE}\r\n")).await;
        client.head().await;
        silent.push(client);
    }
    stop.send(()).expect("the server runs");
    server.task.await.expect("no panic").expect("a clean end");
    let waited = started.elapsed();
    assert!((Duration::from_secs(4)..Duration::from_secs(12)).contains(&waited), "{waited:?}");
}

#[tokio::test]
async fn dropping_the_server_closes_its_websockets() {
    let server = Server::start(app![echo]).await;
    let mut socket = Socket::open(&server, "/echo").await;
    drop(server);
    // Without a close frame, but closed.
    let end = timeout(TIMEOUT, socket.socket.next()).await.expect("in time");
    assert!(matches!(end, None | Some(Err(_))), "{end:?}");
}

#[tokio::test]
async fn frames_sent_right_after_the_handshake_are_received() {
    let server = Server::start(app![echo]).await;
    let mut client = Client::connect(server.address).await;
    // A masked "hi", with a mask of zeros, right behind the handshake.
    let mut bytes = format!("GET /echo HTTP/1.1\r\nhost: x\r\n{HANDSHAKE}\r\n").into_bytes();
    bytes.extend([0x81, 0x82, 0, 0, 0, 0, b'h', b'i', 0x88, 0x80, 0, 0, 0, 0]);
    client.write_bytes(&bytes).await;
    assert_eq!(client.response().await.expect("a response").status, 101);
    assert!(client.rest().await.starts_with("\u{fffd}\u{2}hi"));
}

#[tokio::test]
async fn the_in_process_test_client_gets_a_501_with_advice() {
    let client = TestClient::new(app![echo].environment(Environment::Development));
    let request = client.get("/echo").header("connection", "upgrade").header("upgrade", "websocket");
    let request = request.header("sec-websocket-version", "13");
    let response = request.header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==").send().await;
    response.assert_status(501).assert_contains("testing::Client::serve");
}
