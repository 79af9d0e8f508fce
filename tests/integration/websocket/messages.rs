//! Messages of an open WebSocket, and protocol errors.

use connect::websocket::{CloseCode, Message, SwitchingProtocols, WebSocketUpgrade};
use connect::{Request, Response, Result, app, get, middleware};
use futures_util::{SinkExt, StreamExt};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

use super::{Socket, TIMEOUT, echo};
use crate::support::Server;

#[tokio::test]
async fn text_and_binary_messages_are_echoed() {
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
async fn a_fragmented_message_with_a_ping_between_is_one_message() {
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
    // An unsolicited pong is no message.
    socket.send(Message::Pong("x".into())).await;
    socket.send("after").await;
    assert_eq!(socket.next().await, Some(Message::text("after")));
}

#[tokio::test]
async fn each_side_receives_the_close_code_of_the_other() {
    let (seen, mut closed) = mpsc::unbounded_channel();
    #[get("/closes/:code")]
    fn closes(ws: WebSocketUpgrade, code: u16) -> SwitchingProtocols {
        ws.on_upgrade(async move |mut socket| {
            let refused = socket.close(1006, "").await.unwrap_err().to_string();
            assert!(refused.contains("1006 is not a close code that can be sent"), "{refused}");
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
async fn protocol_errors_close_with_their_close_code() {
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
async fn a_too_long_message_gets_a_close_frame_with_1009() {
    let server = Server::start(app![echo]).await;
    let socket = Socket::open(&server, "/echo").await;
    let (mut sink, mut stream) = socket.socket.split();
    // 32 MB, of which the server reads the head.
    let send = async {
        let _ = sink.send(Message::binary(vec![0; 32 << 20])).await;
    };
    let read = async {
        match timeout(TIMEOUT, stream.next()).await.expect("in time") {
            Some(Ok(Message::Close(Some(frame)))) => u16::from(frame.code),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(tokio::join!(send, read).1, 1009);
}
