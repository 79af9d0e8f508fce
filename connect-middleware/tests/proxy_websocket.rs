//! WebSockets through the proxy.
#![cfg(feature = "proxy")]

use std::net::SocketAddr;
use std::time::Duration;

use connect::testing::Client;
use connect::websocket::{SwitchingProtocols, WebSocketUpgrade};
use connect::{Shutdown, app, get};
use connect_middleware::proxy::Proxy;
use futures_util::{SinkExt, StreamExt};
use http_body_util::Empty;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::Role;

const LONG: Duration = Duration::from_secs(60);

#[get("/echo")]
fn echo(ws: WebSocketUpgrade) -> SwitchingProtocols {
    ws.protocols(["chat"]).on_upgrade(async |mut socket| {
        while let Some(Ok(message)) = socket.recv().await {
            if socket.send(message).await.is_err() {
                return;
            }
        }
    })
}

#[get("/plain")]
fn plain() -> &'static str {
    "no WebSocket"
}

/// A target and a proxy to it.
async fn both() -> (Client, Client, SocketAddr) {
    let target = Client::serve(app![echo, plain]).await.unwrap();
    let url = format!("http://{}", target.address().unwrap());
    let proxy = Client::serve(app!["/api" => [Proxy::to(url)]]).await.unwrap();
    let address = proxy.address().unwrap();
    (target, proxy, address)
}

#[tokio::test]
async fn messages_pass_in_both_directions_and_so_does_the_close() {
    let (_target, _proxy, address) = both().await;
    let mut request = format!("ws://{address}/api/echo").into_client_request().unwrap();
    request.headers_mut().insert("sec-websocket-protocol", "chat".parse().unwrap());
    let (mut socket, response) = tokio_tungstenite::connect_async(request).await.unwrap();
    assert_eq!(response.headers()["sec-websocket-protocol"], "chat");
    for text in ["one", "two"] {
        socket.send(Message::text(text)).await.unwrap();
        let back = tokio::time::timeout(LONG, socket.next()).await.unwrap().unwrap().unwrap();
        assert_eq!(back, Message::text(text));
    }
    let long = Message::binary(vec![7; 1 << 19]);
    socket.send(long.clone()).await.unwrap();
    assert_eq!(tokio::time::timeout(LONG, socket.next()).await.unwrap().unwrap().unwrap(), long);
    socket.close(None).await.unwrap();
    while let Some(message) = tokio::time::timeout(LONG, socket.next()).await.unwrap() {
        assert!(message.unwrap().is_close());
    }
}

#[tokio::test]
async fn a_refused_handshake_is_the_targets_response() {
    let (_target, _proxy, address) = both().await;
    for (path, expected) in [("missing", 404), ("plain", 200)] {
        match tokio_tungstenite::connect_async(format!("ws://{address}/api/{path}")).await {
            Err(tokio_tungstenite::tungstenite::Error::Http(response)) => {
                assert_eq!(response.status(), expected);
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_client_of_http2_opens_a_websocket_of_a_target_of_http1() {
    let (_target, _proxy, address) = both().await;
    let io = TokioIo::new(TcpStream::connect(address).await.unwrap());
    let (mut requests, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), io).await.unwrap();
    tokio::spawn(connection);
    // After a first response the client knows that the server takes an extended CONNECT.
    let first =
        http::Request::get(format!("http://{address}/api/plain")).body(Empty::<connect::bytes::Bytes>::new());
    assert_eq!(requests.send_request(first.unwrap()).await.unwrap().status(), 200);
    for (path, expected) in [("plain", 502), ("echo", 200)] {
        let request = http::Request::connect(format!("http://{address}/api/{path}"))
            .header("sec-websocket-version", "13")
            .extension(hyper::ext::Protocol::from_static("websocket"));
        let mut response = requests.send_request(request.body(Empty::new()).unwrap()).await.unwrap();
        assert_eq!(response.status(), expected);
        assert!(!response.headers().contains_key("sec-websocket-accept"));
        if path == "echo" {
            let stream = TokioIo::new(hyper::upgrade::on(&mut response).await.unwrap());
            let mut socket = WebSocketStream::from_raw_socket(stream, Role::Client, None).await;
            socket.send(Message::text("hello")).await.unwrap();
            let back = tokio::time::timeout(LONG, socket.next()).await.unwrap().unwrap().unwrap();
            assert_eq!(back, Message::text("hello"));
        }
    }
}

#[tokio::test]
async fn a_websocket_ends_with_the_client_with_the_target_and_with_the_server() {
    let (ended, mut has_ended) = mpsc::unbounded_channel();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut io, _)) = listener.accept().await {
            let ended = ended.clone();
            tokio::spawn(async move {
                let mut text = Vec::new();
                while !text.ends_with(b"\r\n\r\n") {
                    text.push(io.read_u8().await.unwrap());
                }
                let opens =
                    b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n";
                io.write_all(opens).await.unwrap();
                if text.starts_with(b"GET /short ") {
                    return;
                }
                let mut rest = Vec::new();
                let _ = io.read_to_end(&mut rest).await;
                ended.send(String::from_utf8(rest).unwrap()).unwrap();
            });
        }
    });
    let shutdown = Shutdown::new();
    let app = app!["/api" => [Proxy::to(url)]];
    let server = app.server().listen("127.0.0.1:0").banner(false).shutdown(&shutdown).bind().unwrap();
    let address = server.addresses()[0];
    let server = tokio::spawn(server.run());
    let open = async |path: &str| {
        let mut io = TcpStream::connect(address).await.unwrap();
        let request = format!(
            "GET /api/{path} HTTP/1.1\r\nhost: a\r\nconnection: keep-alive, Upgrade\r\nupgrade: WebSocket\r\n\r\nhello"
        );
        io.write_all(request.as_bytes()).await.unwrap();
        let mut text = Vec::new();
        while !text.ends_with(b"\r\n\r\n") {
            text.push(io.read_u8().await.unwrap());
        }
        assert!(text.starts_with(b"HTTP/1.1 101 "), "{}", String::from_utf8_lossy(&text));
        io
    };
    let mut short = open("short").await;
    let read = tokio::time::timeout(LONG, short.read(&mut [0; 8])).await.unwrap();
    assert!(!matches!(read, Ok(1..)));
    drop(short);
    // What was sent with the handshake goes on.
    drop(open("long").await);
    assert_eq!(tokio::time::timeout(LONG, has_ended.recv()).await.unwrap().unwrap(), "hello");
    let mut long = open("long").await;
    shutdown.start();
    assert!(!matches!(tokio::time::timeout(LONG, long.read(&mut [0; 8])).await.unwrap(), Ok(1..)));
    assert!(tokio::time::timeout(LONG, has_ended.recv()).await.unwrap().is_some());
    tokio::time::timeout(LONG, server).await.unwrap().unwrap().unwrap();
}
