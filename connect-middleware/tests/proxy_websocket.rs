//! WebSockets through the proxy.
#![cfg(feature = "proxy")]

use std::net::SocketAddr;
use std::time::Duration;

use connect::testing::Client;
use connect::websocket::{SwitchingProtocols, WebSocketUpgrade};
use connect::{app, get};
use connect_middleware::proxy::Proxy;
use futures_util::{SinkExt, StreamExt};
use http_body_util::Empty;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;
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
                assert_eq!(response.status(), expected)
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
