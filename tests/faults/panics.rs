//! Panics in each phase of a request: what its client sees, and that other clients are not affected.

use std::panic;
use std::time::Duration;

use connect::websocket::{SwitchingProtocols, WebSocketUpgrade};
use connect::{Body, Error, Next, Request, Response, Result, app, error_handler, get, middleware};
use futures_util::StreamExt as _;

use crate::support::Server;

#[get("/")]
fn hello() -> &'static str {
    "hello"
}

#[get("/plain")]
fn plain() -> &'static str {
    panic!("in a plain function")
}

#[get("/before")]
async fn before_the_first_await() -> &'static str {
    panic!("before the first await")
}

#[get("/after")]
async fn after_an_await() -> &'static str {
    tokio::task::yield_now().await;
    panic!("after an await")
}

#[middleware]
async fn after_code(req: &mut Request, res: &mut Response, next: Next) -> Result {
    let done = next.run(req, res).await;
    assert!(req.path() != "/after-code", "after the layers below");
    Ok(done)
}

#[middleware]
fn on_finish(req: &mut Request, res: &mut Response, next: Next) -> Result {
    if req.path() == "/on-finish" {
        res.on_finish(|_| panic!("when the response is over"));
    }
    next.pass()
}

#[get("/body")]
fn body(res: &mut Response) -> Result {
    // A pause, so that the earlier pieces are sent.
    let pieces = tokio_stream::iter(0..3).then(async |piece| {
        tokio::time::sleep(Duration::from_millis(10)).await;
        assert!(piece < 2, "in the middle of a body");
        std::io::Result::Ok("piece\n")
    });
    res.end(Body::stream(pieces))
}

#[get("/writer")]
fn writer(res: &mut Response) -> Result {
    res.write(async |mut out| {
        out.write("piece\n").await?;
        tokio::time::sleep(Duration::from_millis(10)).await;
        assert!(out.write("piece\n").await.is_err(), "in the function that writes");
        Ok(())
    })
}

#[get("/error-handler")]
fn fails() -> Result<&'static str> {
    Err(Error::msg("for the error handler"))
}

#[get("/socket")]
fn socket(ws: WebSocketUpgrade) -> SwitchingProtocols {
    ws.on_upgrade(async |mut socket| {
        assert!(socket.send("soon").await.is_err(), "in a WebSocket");
    })
}

#[error_handler]
fn panics_again(err: Error, _req: &mut Request, _res: &mut Response, _next: Next) -> Result {
    assert!(err.to_string() != "for the error handler", "in an error handler");
    Err(err)
}

#[tokio::test]
async fn a_panic_affects_only_its_own_client() {
    // The messages of the panics would hide the figures.
    panic::set_hook(Box::new(|_| {}));
    let app = app![
        on_finish,
        after_code,
        hello,
        plain,
        before_the_first_await,
        after_an_await,
        "/after-code" => hello,
        "/on-finish" => hello,
        body,
        writer,
        fails,
        socket,
        panics_again
    ];
    let server = Server::start(app).await;
    let mut other = server.connect().await;
    println!("| panic | status | the response is whole | the connection goes on |\n|---|---|---|---|");
    for (path, status, whole, goes_on) in [
        ("/plain", 500, true, true),
        ("/before", 500, true, true),
        ("/after", 500, true, true),
        ("/after-code", 500, true, true),
        ("/on-finish", 200, true, true),
        ("/error-handler", 500, true, true),
        ("/body", 200, false, false),
        ("/writer", 200, false, false),
    ] {
        let mut client = server.connect().await;
        client.write(&format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n")).await;
        let mut response = client.response().await.expect("a response");
        let chunked = response.header("transfer-encoding") == Some("chunked");
        client.write("GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
        let rest = client.rest().await;
        if chunked {
            response.body = rest.clone();
        }
        // The last chunk marks a complete body.
        let seen_whole = !chunked || rest.contains("\r\n0\r\n\r\n");
        let seen_on = rest.ends_with("hello");
        println!("| {path} | {} | {seen_whole} | {seen_on} |", response.status);
        assert_eq!((response.status, seen_whole, seen_on), (status, whole, goes_on), "{path}: {rest}");
        other.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n").await;
        assert_eq!(other.response().await.expect("a response").seen(), (200, "hello"), "after {path}");
    }
    let stream = tokio::net::TcpStream::connect(server.address).await.expect("accepted");
    let url = format!("ws://{}/socket", server.address);
    let (mut socket, _) = tokio_tungstenite::client_async(url, stream).await.expect("opened");
    assert!(socket.next().await.expect("a message").expect("text").is_text());
    let end = socket.next().await.expect("a message").expect("the end").to_string();
    println!("| /socket | 101, then closed with 1011 | | |");
    assert_eq!(end, "");
    other.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n").await;
    assert_eq!(other.response().await.expect("a response").seen(), (200, "hello"));
    let _ = panic::take_hook();
}
