//! WebSockets over real sockets, with tungstenite's client, and with bytes where it would be too polite.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use connect::testing::Client as TestClient;
use connect::websocket::{CloseCode, Message, SwitchingProtocols, WebSocketError, WebSocketUpgrade};
use connect::{
    App, Chain, Environment, Error, Finish, Next, Request, Response, Result, app, get, middleware,
};
use futures_util::{SinkExt, StreamExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, mpsc};
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

use crate::support::{Client, Dropped, Server};

const SOON: Duration = Duration::from_secs(10);

#[get("/echo")]
fn echo(ws: WebSocketUpgrade) -> SwitchingProtocols {
    ws.max_message_size(100_000).on_upgrade(async |mut socket| {
        while let Some(message) = socket.recv().await {
            socket.send(message?).await?;
        }
        Ok(())
    })
}

/// Opens a socket, with headers; the status if something else is answered.
async fn open(server: &Server, path: &str, headers: &[(&'static str, &str)]) -> Result<Socket, u16> {
    let mut request = format!("ws://{}{path}", server.address).into_client_request().expect("a request");
    for (name, value) in headers {
        request.headers_mut().insert(*name, value.parse().expect("a value"));
    }
    let stream = TcpStream::connect(server.address).await.expect("the server accepts");
    match tokio_tungstenite::client_async(request, stream).await {
        Ok((socket, answer)) => {
            let protocol = answer.headers().get("sec-websocket-protocol");
            let protocol = protocol.map(|protocol| protocol.to_str().expect("text").to_owned());
            Ok(Socket { socket, protocol })
        }
        Err(WebSocketError::Http(answer)) => Err(answer.status().as_u16()),
        Err(err) => panic!("no answer: {err}"),
    }
}

struct Socket {
    socket: WebSocketStream<TcpStream>,
    protocol: Option<String>,
}

impl Socket {
    async fn open(server: &Server, path: &str) -> Self {
        open(server, path, &[]).await.expect("it is opened")
    }

    async fn send(&mut self, message: impl Into<Message>) {
        self.socket.send(message.into()).await.expect("it is sent");
    }

    /// The next message of whatever kind; `None` at the end.
    async fn next(&mut self) -> Option<Message> {
        let next = timeout(SOON, self.socket.next()).await.expect("in time");
        next.map(|message| message.expect("a message"))
    }

    /// Reads up to the code that the server closes the socket with.
    async fn code(&mut self) -> u16 {
        loop {
            match self.next().await.expect("a message that closes it") {
                Message::Close(frame) => return frame.expect("a code").code.into(),
                _ => continue,
            }
        }
    }
}

#[tokio::test]
async fn messages_of_both_kinds_go_both_ways() {
    let server = Server::start(app![echo]).await;
    let mut socket = Socket::open(&server, "/echo").await;
    for message in [
        Message::text("grüß dich"),
        Message::binary(vec![0, 159, 146, 150]),
        Message::text(""),
        Message::binary(vec![7; 100_000]),
    ] {
        socket.send(message.clone()).await;
        assert_eq!(socket.next().await, Some(message));
    }
    socket.socket.close(None).await.expect("it closes");
    assert_eq!(socket.next().await, Some(Message::Close(None)));
    assert_eq!(socket.next().await, None);
}

#[tokio::test]
async fn a_message_in_pieces_with_a_ping_in_between_is_one() {
    let server = Server::start(app![echo]).await;
    let mut socket = Socket::open(&server, "/echo").await;
    let piece =
        |text: &'static str, code, last| Message::Frame(Frame::message(text, OpCode::Data(code), last));
    socket.send(piece("one ", Data::Text, false)).await;
    socket.send(piece("two ", Data::Continue, false)).await;
    socket.send(Message::Ping("still there?".into())).await;
    socket.send(piece("three", Data::Continue, true)).await;
    assert_eq!(socket.next().await, Some(Message::Pong("still there?".into())));
    assert_eq!(socket.next().await, Some(Message::text("one two three")));
}

#[tokio::test]
async fn pings_are_answered_while_the_function_waits_for_a_message() {
    let server = Server::start(app![echo]).await;
    let mut socket = Socket::open(&server, "/echo").await;
    for ping in ["1", "2", "3"] {
        socket.send(Message::Ping(ping.into())).await;
        assert_eq!(socket.next().await, Some(Message::Pong(ping.into())));
    }
    // Nobody asked for this one, and it is no message.
    socket.send(Message::Pong("x".into())).await;
    socket.send("after").await;
    assert_eq!(socket.next().await, Some(Message::text("after")));
}

#[tokio::test]
async fn each_end_learns_with_what_code_the_other_has_closed() {
    let (seen, mut closed) = mpsc::unbounded_channel();
    #[get("/closes/:code")]
    fn closes(ws: WebSocketUpgrade, code: u16) -> SwitchingProtocols {
        ws.on_upgrade(async move |mut socket| {
            let refused = socket.close(1006, "").await.unwrap_err().to_string();
            assert!(refused.contains("1006 is not a code to close a WebSocket with"), "{refused}");
            assert!(socket.close(1000, "x".repeat(124)).await.is_err());
            socket.close(code, "because").await?;
            socket.close(code, "again").await?;
            assert!(socket.send("too late").await.is_err());
            Ok(())
        })
    }
    #[middleware]
    async fn listens(
        #[config] seen: mpsc::UnboundedSender<Option<(u16, String)>>,
        req: &mut Request,
        res: &mut Response,
    ) -> Result {
        use connect::{FromRequest as _, Responder as _};
        let ws = WebSocketUpgrade::from_request(req).await?;
        ws.on_upgrade(async move |mut socket| {
            while let Some(Ok(_)) = socket.recv().await {}
            let frame = socket.close_frame().map(|frame| (frame.code.into(), frame.reason.to_string()));
            let _ = seen.send(frame);
        })
        .respond(res)
    }
    let server = Server::start(app![closes, "/listens" => listens(seen)]).await;
    for code in [1000, 1001, 1011, 3000, 4999] {
        let mut socket = Socket::open(&server, &format!("/closes/{code}")).await;
        let Some(Message::Close(Some(frame))) = socket.next().await else { panic!("it closes") };
        assert_eq!((u16::from(frame.code), frame.reason.as_str()), (code, "because"));
        assert_eq!(socket.next().await, None);
    }
    let mut socket = Socket::open(&server, "/listens").await;
    let frame = connect::websocket::CloseFrame { code: CloseCode::from(4001), reason: "bye".into() };
    socket.socket.close(Some(frame)).await.expect("it closes");
    assert_eq!(closed.recv().await, Some(Some((4001, "bye".to_owned()))));
    let socket = Socket::open(&server, "/listens").await;
    drop(socket);
    assert_eq!(closed.recv().await, Some(None));
}

#[tokio::test]
async fn what_the_other_side_does_wrong_closes_with_the_code_for_it() {
    let server = Server::start(app![echo]).await;
    let frame = |frame: Frame| Message::Frame(frame);
    let cases = [
        // Longer than a message may be, in one frame and in pieces.
        (vec![Message::binary(vec![0; 100_001])], 1009),
        (
            vec![
                frame(Frame::message(vec![0; 60_000], OpCode::Data(Data::Binary), false)),
                frame(Frame::message(vec![0; 60_000], OpCode::Data(Data::Continue), false)),
            ],
            1009,
        ),
        (vec![frame(Frame::message(vec![0xff, 0xfe], OpCode::Data(Data::Text), true))], 1007),
        (vec![frame(Frame::message("x", OpCode::Data(Data::Continue), true))], 1002),
        (vec![frame(Frame::message("x", OpCode::Data(Data::Reserved(5)), true))], 1002),
    ];
    for (messages, code) in cases {
        let mut socket = Socket::open(&server, "/echo").await;
        for message in messages {
            socket.send(message).await;
        }
        assert_eq!(socket.code().await, code);
        assert_eq!(socket.next().await, None);
    }
}

#[tokio::test]
async fn a_message_much_longer_than_allowed_is_refused_in_words_that_arrive() {
    let server = Server::start(app![echo]).await;
    let socket = Socket::open(&server, "/echo").await;
    let (mut sink, mut stream) = socket.socket.split();
    // 32 MB, of which the server reads the head.
    let send = async {
        let _ = sink.send(Message::binary(vec![0; 32 << 20])).await;
    };
    let read = async {
        match timeout(SOON, stream.next()).await.expect("in time") {
            Some(Ok(Message::Close(Some(frame)))) => u16::from(frame.code),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(tokio::join!(send, read).1, 1009);
}

const HANDSHAKE: &str = "connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
     sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

#[tokio::test]
async fn the_sample_handshake_of_the_rfc_gets_its_answer() {
    let server = Server::start(app![echo]).await;
    let mut client = server.connect().await;
    client.write(&format!("GET /echo HTTP/1.1\r\nhost: x\r\n{HANDSHAKE}\r\n")).await;
    let answer = client.answer().await.expect("an answer");
    assert_eq!(answer.status, 101);
    assert_eq!(answer.header("connection"), Some("upgrade"));
    assert_eq!(answer.header("upgrade"), Some("websocket"));
    assert_eq!(answer.header("sec-websocket-accept"), Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
    assert_eq!(answer.header("sec-websocket-protocol"), None);
    assert_eq!(answer.header("content-length"), None);
}

#[tokio::test]
async fn what_is_no_handshake_is_told_what_is_missing() {
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
        let answer = client.answer().await.expect("an answer");
        assert_eq!(answer.status, status, "{headers}");
        assert!(answer.body.contains(words), "{headers}: {}", answer.body);
        if answer.body.contains("13") {
            assert_eq!(answer.header("sec-websocket-version"), Some("13"));
        }
        if answer.body.contains("no `upgrade: websocket`") {
            assert_eq!(answer.header("upgrade"), Some("websocket"));
        }
    }
    let old = format!("GET /echo HTTP/1.0\r\nhost: x\r\n{HANDSHAKE}\r\n");
    let mut client = server.connect().await;
    client.write(&old).await;
    let answer = client.answer().await.expect("an answer");
    assert_eq!(answer.status, 400);
    assert!(answer.body.contains("opened by HTTP/1.1, and not by HTTP/1.0"), "{}", answer.body);
}

#[tokio::test]
async fn a_handshake_in_other_letters_and_among_other_words_is_one() {
    let server = Server::start(app![echo]).await;
    let mut client = server.connect().await;
    let headers = HANDSHAKE.replace("upgrade: websocket", "Upgrade: h2c, WebSocket");
    let headers =
        headers.replace("connection: upgrade", "Connection: keep-alive\r\nConnection: foo, Upgrade");
    client.write(&format!("GET /echo HTTP/1.1\r\nhost: x\r\n{headers}\r\n")).await;
    assert_eq!(client.answer().await.expect("an answer").status, 101);
}

#[tokio::test]
async fn a_connection_that_was_refused_serves_on() {
    let server = Server::start(app![echo]).await;
    let mut client = server.connect().await;
    for _ in 0..3 {
        client.write(&format!("GET /echo HTTP/1.1\r\nhost: x\r\n{HANDSHAKE}origin: null\r\n\r\n")).await;
        assert_eq!(client.answer().await.expect("an answer").status, 403);
    }
}

#[tokio::test]
async fn pages_of_this_host_may_connect_and_others_where_it_is_said() {
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
async fn the_first_protocol_here_that_the_client_offers_is_agreed_upon() {
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
    let answer = client.answer().await.expect("an answer");
    assert_eq!((answer.status, answer.header("sec-websocket-protocol")), (101, None));
}

#[tokio::test]
async fn one_path_may_have_a_page_and_a_socket() {
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
async fn a_layer_in_front_refuses_before_the_socket_is_opened() {
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
async fn if_a_layer_answers_something_else_afterwards_the_function_is_not_run() {
    #[middleware]
    async fn changes_its_mind(req: &mut Request, res: &mut Response, next: Next) -> Result {
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
    let server = Server::start(app![changes_its_mind, runs]).await;
    let mut client = server.connect().await;
    client.write(&format!("GET / HTTP/1.1\r\nhost: x\r\n{HANDSHAKE}connection: close\r\n\r\n")).await;
    let answer = client.rest().await;
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(!*RUN.lock().unwrap());
}

#[tokio::test]
async fn a_logger_and_on_finish_see_the_status_101() {
    let (seen, mut told) = mpsc::unbounded_channel();
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
    let (status, finish) = timeout(SOON, told.recv()).await.expect("in time").expect("told");
    assert_eq!((status, finish.status.map(|status| status.as_u16()), finish.bytes), (101, Some(101), 0));
    assert!(finish.complete);
}

#[tokio::test]
async fn a_function_that_panics_or_fails_closes_its_socket_and_nothing_else() {
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
async fn a_client_that_vanishes_ends_the_function() {
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
    // Without a word.
    drop(socket);
    assert_eq!(timeout(SOON, receiver.recv()).await.expect("in time"), Some(true));
    timeout(SOON, dropped.notified()).await.expect("dropped in time");
}

#[tokio::test]
async fn who_answers_no_pings_is_gone() {
    let (ended, mut over) = mpsc::unbounded_channel();
    #[middleware]
    async fn pings(
        #[config] ended: mpsc::UnboundedSender<Duration>,
        req: &mut Request,
        res: &mut Response,
    ) -> Result {
        use connect::{FromRequest as _, Responder as _};
        let started = std::time::Instant::now();
        let ws = WebSocketUpgrade::from_request(req).await?.ping_interval(Duration::from_millis(50));
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
        ws.ping_interval(Duration::from_millis(20)).on_upgrade(async |mut socket| {
            // It listens, for a moment, and then has something else to do for longer than a client may be silent.
            let _ = timeout(Duration::from_millis(1), socket.recv()).await;
            tokio::time::sleep(Duration::from_millis(200)).await;
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
    let lived = timeout(SOON, over.recv()).await.expect("in time").expect("told");
    assert!((Duration::from_millis(90)..Duration::from_secs(1)).contains(&lived), "{lived:?}");
    // Pings came, with nothing in them.
    let came = silent.rest().await;
    assert!(!came.is_empty() && came.replace("\u{fffd}\0", "").is_empty(), "{came:?}");

    // One that does answer may be silent otherwise.
    let mut answers = Socket::open(&server, "/pings").await;
    for _ in 0..8 {
        assert_eq!(answers.next().await, Some(Message::Ping(bytes::Bytes::new())));
    }
    answers.send("here").await;
    while answers.next().await != Some(Message::text("here")) {}
    assert!(over.try_recv().is_err());

    let mut busy = Socket::open(&server, "/busy").await;
    while busy.next().await.expect("it goes on") != Message::text("done") {}

    let mut never = Socket::open(&server, "/never").await;
    assert!(timeout(Duration::from_millis(200), never.socket.next()).await.is_err());
}

#[tokio::test]
async fn halves_work_in_two_tasks_and_the_socket_is_open_until_both_are_gone() {
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
async fn it_is_a_stream_and_a_sink() {
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

/// A server to be shut down.
async fn until<C: Chain>(app: App<C>) -> (Ending, tokio::sync::oneshot::Sender<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("bound");
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let task = tokio::spawn(app.environment(Environment::Test).serve_until(listener, stopped));
    (Ending { address, task }, stop)
}

struct Ending {
    address: std::net::SocketAddr,
    task: tokio::task::JoinHandle<std::io::Result<()>>,
}

async fn open_at(address: std::net::SocketAddr, path: &str) -> Socket {
    let request = format!("ws://{address}{path}").into_client_request().expect("a request");
    let stream = TcpStream::connect(address).await.expect("the server accepts");
    let (socket, _) = tokio_tungstenite::client_async(request, stream).await.expect("it is opened");
    Socket { socket, protocol: None }
}

#[tokio::test]
async fn a_server_that_shuts_down_says_so_and_waits_for_the_functions() {
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
    let (server, stop) = until(app![takes_its_time]).await;
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
    timeout(SOON, server.task).await.expect("in time").expect("no panic").expect("a clean end");
    assert_eq!(*ENDED.lock().unwrap(), 10);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_never_agrees_to_close_is_not_waited_for_for_ever() {
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
    let (server, stop) = until(app![closes, echo]).await;
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
async fn dropping_the_server_ends_the_sockets() {
    let server = Server::start(app![echo]).await;
    let mut socket = Socket::open(&server, "/echo").await;
    drop(server);
    // Not closed as it should be, but closed.
    let end = timeout(SOON, socket.socket.next()).await.expect("in time");
    assert!(matches!(end, None | Some(Err(_))), "{end:?}");
}

#[tokio::test]
async fn a_client_that_sends_at_once_loses_nothing() {
    let server = Server::start(app![echo]).await;
    let mut client = Client::connect(server.address).await;
    // A masked "hi", with a mask of zeros, right behind the handshake.
    let mut bytes = format!("GET /echo HTTP/1.1\r\nhost: x\r\n{HANDSHAKE}\r\n").into_bytes();
    bytes.extend([0x81, 0x82, 0, 0, 0, 0, b'h', b'i', 0x88, 0x80, 0, 0, 0, 0]);
    client.write_bytes(&bytes).await;
    assert_eq!(client.answer().await.expect("an answer").status, 101);
    assert!(client.rest().await.starts_with("\u{fffd}\u{2}hi"));
}

#[tokio::test]
async fn a_client_for_tests_in_process_is_told_what_to_do() {
    let client = TestClient::new(app![echo].environment(Environment::Development));
    let request = client.get("/echo").header("connection", "upgrade").header("upgrade", "websocket");
    let request = request.header("sec-websocket-version", "13");
    let answer = request.header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==").send().await;
    answer.assert_status(501).assert_contains("serve the app on a socket");
}

type Http2 = hyper::client::conn::http2::SendRequest<http_body_util::Empty<bytes::Bytes>>;

/// A client of HTTP/2 that has the server's settings.
async fn http2(address: std::net::SocketAddr) -> Http2 {
    use hyper_util::rt::{TokioExecutor, TokioIo};
    let stream = TokioIo::new(TcpStream::connect(address).await.expect("accepted"));
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), stream).await.expect("HTTP/2");
    tokio::spawn(connection);
    // They have come with the first answer.
    let request =
        http::Request::get(format!("http://{address}/")).body(Default::default()).expect("a request");
    sender.send_request(request).await.expect("an answer");
    sender
}

fn extended_connect(
    address: std::net::SocketAddr,
    path: &str,
) -> http::Request<http_body_util::Empty<bytes::Bytes>> {
    let builder = http::Request::connect(format!("http://{address}{path}"));
    let builder = builder.extension(hyper::ext::Protocol::from_static("websocket"));
    builder.header("sec-websocket-version", "13").body(Default::default()).expect("a request")
}

#[tokio::test]
async fn a_socket_may_be_silent_for_longer_than_a_connection_may_be_idle() {
    use hyper_util::rt::TokioIo;
    use tokio_tungstenite::tungstenite::protocol::Role;

    let time = Duration::from_millis(100);
    let server = app![echo].environment(Environment::Test).server().listen("127.0.0.1:0").banner(false);
    let server = server.keep_alive_timeout(time).header_timeout(time).write_timeout(time).body_timeout(time);
    let server = server.bind().expect("a free port");
    let address = server.addresses()[0];
    let server = tokio::spawn(server.run_until(std::future::pending::<()>()));
    let mut socket = open_at(address, "/echo").await;
    let mut sender = http2(address).await;
    let answer = sender.send_request(extended_connect(address, "/echo")).await.expect("an answer");
    let upgraded = hyper::upgrade::on(answer).await.expect("a stream");
    let mut stream = WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Client, None).await;
    for _ in 0..2 {
        tokio::time::sleep(time * 5).await;
        socket.send("still there?").await;
        assert_eq!(socket.next().await, Some(Message::text("still there?")));
        stream.send(Message::text("and there?")).await.expect("sent");
        assert_eq!(stream.next().await.expect("a message").expect("whole"), Message::text("and there?"));
    }
    server.abort();
}

#[tokio::test]
async fn by_http_2_a_socket_is_a_stream_beside_others() {
    use http_body_util::{BodyExt as _, Empty};
    use hyper_util::rt::TokioIo;
    use tokio_tungstenite::tungstenite::protocol::Role;

    #[get("/method")]
    fn method(req: &Request) -> String {
        req.method().to_string()
    }
    let (seen, mut told) = mpsc::unbounded_channel();
    #[middleware]
    fn watched(
        #[config] seen: mpsc::UnboundedSender<Finish>,
        req: &mut Request,
        res: &mut Response,
        next: Next,
    ) -> Result {
        if req.path() == "/echo" {
            res.on_finish(move |finish| seen.send(finish).unwrap_or(()));
        }
        next.pass()
    }
    let (server, stop) = until(app![watched(seen), echo, method]).await;
    let mut sender = http2(server.address).await;
    let host = server.address;
    let connect = |path: &str, headers: &[(&str, &str)]| {
        let mut request = extended_connect(host, path);
        for (name, value) in headers {
            let name = http::HeaderName::try_from(*name).expect("a name");
            request.headers_mut().insert(name, value.parse().expect("a value"));
        }
        request
    };
    let get = || http::Request::get(format!("http://{host}/method")).body(Empty::new()).expect("a request");

    let version = ("sec-websocket-version", "13");
    let old = [("sec-websocket-version", "8")];
    let refused = sender.send_request(connect("/echo", &old)).await.expect("an answer");
    assert_eq!(
        (refused.status().as_u16(), &refused.headers()["sec-websocket-version"]),
        (426, &"13".parse().unwrap())
    );
    let evil = [version, ("origin", "https://evil.example")];
    assert_eq!(sender.send_request(connect("/echo", &evil)).await.expect("an answer").status(), 403);
    assert_eq!(told.recv().await.and_then(|finish| finish.status).map(|status| status.as_u16()), Some(426));
    assert_eq!(told.recv().await.and_then(|finish| finish.status).map(|status| status.as_u16()), Some(403));

    let own = format!("http://{host}");
    let answer =
        sender.send_request(connect("/echo", &[version, ("origin", &own)])).await.expect("an answer");
    assert_eq!(answer.status(), 200);
    assert!(!answer.headers().contains_key("sec-websocket-accept"));
    let upgraded = hyper::upgrade::on(answer).await.expect("a stream");
    let mut socket = WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Client, None).await;
    for message in [Message::text("hello"), Message::binary(vec![1; 90_000])] {
        socket.send(message.clone()).await.expect("sent");
        assert_eq!(socket.next().await.expect("a message").expect("whole"), message);
        let answer = sender.send_request(get()).await.expect("an answer");
        assert_eq!(answer.into_body().collect().await.expect("a body").to_bytes(), "GET");
    }
    stop.send(()).expect("the server runs");
    let end = timeout(SOON, socket.next()).await.expect("in time").expect("a message").expect("whole");
    let Message::Close(Some(frame)) = end else { panic!("{end:?}") };
    assert_eq!(frame.code, CloseCode::Away);
    assert!(socket.next().await.is_none_or(|end| end.is_err()));
    timeout(SOON, server.task).await.expect("in time").expect("no panic").expect("a clean end");
}
