//! The opening handshake (RFC 6455, section 4), the check of the origin, and layers above the route.

use std::sync::Mutex;
use std::time::Duration;

use connect::websocket::{Message, SwitchingProtocols, WebSocketUpgrade};
use connect::{Error, Finish, Next, Request, Response, Result, app, get, middleware};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::{HANDSHAKE, Socket, TIMEOUT, echo, open};
use crate::support::Server;

#[tokio::test]
async fn the_sample_handshake_of_the_rfc_gets_the_sample_response() {
    let server = Server::start(app![echo]).await;
    let mut client = server.connect().await;
    client.write(&format!("GET /echo HTTP/1.1\r\nhost: x\r\n{HANDSHAKE}\r\n")).await;
    let response = client.response().await.expect("a response");
    assert_eq!(response.status, 101);
    assert_eq!(response.header("connection"), Some("upgrade"));
    assert_eq!(response.header("upgrade"), Some("websocket"));
    assert_eq!(response.header("sec-websocket-accept"), Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
    assert_eq!(response.header("sec-websocket-protocol"), None);
    assert_eq!(response.header("content-length"), None);
}

#[tokio::test]
async fn an_invalid_handshake_is_refused_with_the_reason() {
    let server = Server::start(app![echo]).await;
    let without = |name: &str| -> String {
        HANDSHAKE.split_inclusive("\r\n").filter(|line| !line.starts_with(name)).collect()
    };
    let with = |name: &str, value: &str| format!("{}{name}: {value}\r\n", without(name));
    let cases = [
        (String::new(), 426, "the request has no `upgrade: websocket`"),
        (with("upgrade", "h2c"), 426, "the request has no `upgrade: websocket`"),
        (without("connection"), 400, "without `connection: upgrade`"),
        (with("connection", "keep-alive"), 400, "without `connection: upgrade`"),
        (without("sec-websocket-version"), 426, "has to be 13"),
        (with("sec-websocket-version", "8"), 426, "has to be 13"),
        (without("sec-websocket-key"), 400, "no `sec-websocket-key`"),
        (with("sec-websocket-key", "short"), 400, "not 16 bytes in base64"),
        (with("sec-websocket-key", "dGhlIHNhbXBsZQ=="), 400, "not 16 bytes in base64"),
        (format!("{HANDSHAKE}sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n"), 400, "not 16 bytes"),
        (format!("{HANDSHAKE}content-length: 2\r\n"), 400, "has a body"),
        (format!("{HANDSHAKE}transfer-encoding: chunked\r\n"), 400, "has a body"),
        (format!("{HANDSHAKE}origin: https://evil.example\r\n"), 403, "pages of `https://evil.example`"),
    ];
    for (headers, status, words) in cases {
        let mut client = server.connect().await;
        client.write(&format!("GET /echo HTTP/1.1\r\nhost: x\r\n{headers}\r\n{{}}")).await;
        if headers.contains("chunked") {
            client.write("\r\n0\r\n\r\n").await;
        }
        let response = client.response().await.expect("a response");
        assert_eq!(response.status, status, "{headers}");
        assert!(response.body.contains(words), "{headers}: {}", response.body);
        if response.body.contains("13") {
            assert_eq!(response.header("sec-websocket-version"), Some("13"));
        }
        if response.body.contains("no `upgrade: websocket`") {
            assert_eq!(response.header("upgrade"), Some("websocket"));
        }
    }
    let old = format!("GET /echo HTTP/1.0\r\nhost: x\r\n{HANDSHAKE}\r\n");
    let mut client = server.connect().await;
    client.write(&old).await;
    let response = client.response().await.expect("a response");
    assert_eq!(response.status, 400);
    assert!(response.body.contains("opened by HTTP/1.1, and not by HTTP/1.0"), "{}", response.body);
}

#[tokio::test]
async fn handshake_headers_are_case_insensitive_lists() {
    let server = Server::start(app![echo]).await;
    let mut client = server.connect().await;
    let headers = HANDSHAKE.replace("upgrade: websocket", "Upgrade: h2c, WebSocket");
    let headers =
        headers.replace("connection: upgrade", "Connection: keep-alive\r\nConnection: foo, Upgrade");
    client.write(&format!("GET /echo HTTP/1.1\r\nhost: x\r\n{headers}\r\n")).await;
    assert_eq!(client.response().await.expect("a response").status, 101);
}

#[tokio::test]
async fn the_connection_is_kept_alive_after_a_refused_handshake() {
    let server = Server::start(app![echo]).await;
    let mut client = server.connect().await;
    for _ in 0..3 {
        client.write(&format!("GET /echo HTTP/1.1\r\nhost: x\r\n{HANDSHAKE}origin: null\r\n\r\n")).await;
        assert_eq!(client.response().await.expect("a response").status, 403);
    }
}

#[tokio::test]
async fn only_same_origin_and_listed_origins_may_connect() {
    #[get("/listed")]
    fn listed(ws: WebSocketUpgrade) -> SwitchingProtocols {
        ws.origins(["https://app.example"]).on_upgrade(async |socket| drop(socket))
    }
    #[get("/any")]
    fn any(ws: WebSocketUpgrade) -> SwitchingProtocols {
        ws.any_origin().on_upgrade(async |socket| drop(socket))
    }
    #[get("/wrong")]
    fn wrong(ws: WebSocketUpgrade) -> SwitchingProtocols {
        ws.origins(["app.example"]).on_upgrade(async |socket| drop(socket))
    }
    let server = Server::start(app![echo, listed, any, wrong]).await;
    let own = format!("http://{}", server.address);
    for (path, origin, status) in [
        ("/echo", &*own, 101),
        ("/echo", "https://app.example", 403),
        ("/echo", "null", 403),
        ("/listed", "https://app.example", 101),
        ("/listed", &own, 403),
        ("/any", "https://evil.example", 101),
        ("/wrong", "https://app.example", 500),
    ] {
        let opened = open(&server, path, &[("origin", origin)]).await;
        assert_eq!(opened.map_or_else(|status| status, |_| 101), status, "{path} {origin}");
    }
    assert!(open(&server, "/listed", &[]).await.is_ok());
}

#[tokio::test]
async fn the_first_offered_protocol_of_the_servers_list_is_selected() {
    #[get("/")]
    fn speaks(ws: WebSocketUpgrade) -> SwitchingProtocols {
        let offered = ws.offered_protocols().join("+");
        let ws = ws.protocols(["v2", "v1"]);
        let agreed = ws.protocol().map(str::to_owned);
        ws.on_upgrade(async move |mut socket| {
            assert_eq!(socket.protocol(), agreed.as_deref());
            socket.send(offered).await?;
            Ok(())
        })
    }
    let server = Server::start(app![speaks]).await;
    for (offered, agreed) in [("v1, v2", Some("v2")), ("v0,v1", Some("v1"))] {
        let mut socket = open(&server, "/", &[("sec-websocket-protocol", offered)]).await.expect("opened");
        assert_eq!(socket.protocol.as_deref(), agreed);
        let expected = offered.replace(", ", "+").replace(',', "+");
        assert_eq!(socket.next().await, Some(Message::text(expected)));
    }
    let mut client = server.connect().await;
    client
        .write(&format!("GET / HTTP/1.1\r\nhost: x\r\n{HANDSHAKE}sec-websocket-protocol: V1\r\n\r\n"))
        .await;
    let response = client.response().await.expect("a response");
    assert_eq!((response.status, response.header("sec-websocket-protocol")), (101, None));
}

#[tokio::test]
async fn one_route_can_serve_a_page_and_a_websocket() {
    #[get("/")]
    fn page_or_socket(ws: Option<WebSocketUpgrade>, res: &mut Response) -> Result {
        use connect::Responder as _;
        match ws {
            Some(ws) => ws.on_upgrade(async |socket| drop(socket)).respond(res),
            None => res.send("page"),
        }
    }
    let server = Server::start(app![page_or_socket]).await;
    assert_eq!(server.get("/").await.seen(), (200, "page"));
    assert_eq!(Socket::open(&server, "/").await.code().await, 1000);
}

#[tokio::test]
async fn a_layer_above_can_refuse_the_handshake() {
    #[middleware]
    fn only_with_cookie(req: &mut Request, _res: &mut Response, next: Next) -> Result {
        match req.cookie("session") {
            Some(_) => next.pass(),
            None => next.fail(Error::new(401, "who are you?")),
        }
    }
    let server = Server::start(app![only_with_cookie, echo]).await;
    assert_eq!(open(&server, "/echo", &[]).await.err(), Some(401));
    let mut socket = open(&server, "/echo", &[("cookie", "session=1")]).await.expect("opened");
    socket.send("hello").await;
    assert_eq!(socket.next().await, Some(Message::text("hello")));
}

#[tokio::test]
async fn a_layer_that_replaces_the_response_cancels_the_upgrade() {
    #[middleware]
    async fn replaces_the_response(req: &mut Request, res: &mut Response, next: Next) -> Result {
        let _ = next.run(req, res).await;
        res.status(503).send("not today")
    }
    static RUN: Mutex<bool> = Mutex::new(false);
    #[get("/")]
    fn runs(ws: WebSocketUpgrade) -> SwitchingProtocols {
        ws.on_upgrade(async |socket| {
            *RUN.lock().unwrap() = true;
            drop(socket);
        })
    }
    let server = Server::start(app![replaces_the_response, runs]).await;
    let mut client = server.connect().await;
    client.write(&format!("GET / HTTP/1.1\r\nhost: x\r\n{HANDSHAKE}connection: close\r\n\r\n")).await;
    let response = client.rest().await;
    assert!(response.starts_with("HTTP/1.1 503 "), "{response}");
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(!*RUN.lock().unwrap());
}

#[tokio::test]
async fn a_logger_and_on_finish_see_the_status_101() {
    let (seen, mut finishes) = mpsc::unbounded_channel();
    #[middleware]
    async fn logger(
        #[config] seen: mpsc::UnboundedSender<(u16, Finish)>,
        req: &mut Request,
        res: &mut Response,
        next: Next,
    ) -> Result {
        let done = next.run(req, res).await;
        let status = res.status_code().as_u16();
        res.on_finish(move |finish| seen.send((status, finish)).unwrap_or(()));
        Ok(done)
    }
    let server = Server::start(app![logger(seen), echo]).await;
    let _socket = Socket::open(&server, "/echo").await;
    let (status, finish) = timeout(TIMEOUT, finishes.recv()).await.expect("in time").expect("a finish");
    assert_eq!((status, finish.status.map(|status| status.as_u16()), finish.bytes), (101, Some(101), 0));
    assert!(finish.complete);
}
