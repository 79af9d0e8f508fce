//! WebSockets as streams of HTTP/2 (RFC 8441).

use std::time::Duration;

use connect::websocket::{CloseCode, Message};
use connect::{Environment, Finish, Next, Request, Response, Result, app, get, middleware};
use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;

use super::{TIMEOUT, echo, open_at, start_until};

type Http2 = hyper::client::conn::http2::SendRequest<http_body_util::Empty<bytes::Bytes>>;

/// A client of HTTP/2 that has the server's settings.
async fn http2(address: std::net::SocketAddr) -> Http2 {
    use hyper_util::rt::{TokioExecutor, TokioIo};
    let stream = TokioIo::new(TcpStream::connect(address).await.expect("accepted"));
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), stream).await.expect("HTTP/2");
    tokio::spawn(connection);
    // They have arrived with the first response.
    let request =
        http::Request::get(format!("http://{address}/")).body(Default::default()).expect("a request");
    sender.send_request(request).await.expect("a response");
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
async fn a_websocket_is_not_closed_by_the_keep_alive_timeout() {
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
    let response = sender.send_request(extended_connect(address, "/echo")).await.expect("a response");
    let upgraded = hyper::upgrade::on(response).await.expect("a stream");
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
async fn over_http2_a_websocket_is_one_stream_of_the_connection() {
    use http_body_util::{BodyExt as _, Empty};
    use hyper_util::rt::TokioIo;
    use tokio_tungstenite::tungstenite::protocol::Role;

    #[get("/method")]
    fn method(req: &Request) -> String {
        req.method().to_string()
    }
    let (seen, mut finishes) = mpsc::unbounded_channel();
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
    let (server, stop) = start_until(app![watched(seen), echo, method]).await;
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
    let refused = sender.send_request(connect("/echo", &old)).await.expect("a response");
    assert_eq!(
        (refused.status().as_u16(), &refused.headers()["sec-websocket-version"]),
        (426, &"13".parse().unwrap())
    );
    let evil = [version, ("origin", "https://evil.example")];
    assert_eq!(sender.send_request(connect("/echo", &evil)).await.expect("a response").status(), 403);
    assert_eq!(
        finishes.recv().await.and_then(|finish| finish.status).map(|status| status.as_u16()),
        Some(426)
    );
    assert_eq!(
        finishes.recv().await.and_then(|finish| finish.status).map(|status| status.as_u16()),
        Some(403)
    );

    let own = format!("http://{host}");
    let response =
        sender.send_request(connect("/echo", &[version, ("origin", &own)])).await.expect("a response");
    assert_eq!(response.status(), 200);
    assert!(!response.headers().contains_key("sec-websocket-accept"));
    let upgraded = hyper::upgrade::on(response).await.expect("a stream");
    let mut socket = WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Client, None).await;
    for message in [Message::text("hello"), Message::binary(vec![1; 90_000])] {
        socket.send(message.clone()).await.expect("sent");
        assert_eq!(socket.next().await.expect("a message").expect("whole"), message);
        let response = sender.send_request(get()).await.expect("a response");
        assert_eq!(response.into_body().collect().await.expect("a body").to_bytes(), "GET");
    }
    stop.send(()).expect("the server runs");
    let end = timeout(TIMEOUT, socket.next()).await.expect("in time").expect("a message").expect("whole");
    let Message::Close(Some(frame)) = end else { panic!("{end:?}") };
    assert_eq!(frame.code, CloseCode::Away);
    assert!(socket.next().await.is_none_or(|end| end.is_err()));
    timeout(TIMEOUT, server.task).await.expect("in time").expect("no panic").expect("a clean end");
}
