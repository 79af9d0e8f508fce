//! An app on a socket.

use std::sync::Arc;
use std::time::Duration;

use connect::{Environment, Error, Next, Request, Response, Result, app, middleware};
use tokio::net::TcpListener;
use tokio::sync::Notify;

use crate::support::{Client, Dropped, Server};

#[middleware]
async fn hello(req: &mut Request, res: &mut Response) -> Result {
    res.send(format!("hello {}", req.path()))
}

#[middleware]
async fn slow(_req: &mut Request, res: &mut Response) -> Result {
    tokio::time::sleep(Duration::from_millis(200)).await;
    res.send("slow")
}

#[tokio::test]
async fn a_connection_serves_sequential_and_pipelined_requests_in_order() {
    let server = Server::start(app![hello]).await;
    let mut client = server.connect().await;
    client.write("GET /1 HTTP/1.1\r\nhost: x\r\n\r\n").await;
    assert_eq!(client.response().await.expect("first").body, "hello /1");
    client.write("GET /2 HTTP/1.1\r\nhost: x\r\n\r\nGET /3 HTTP/1.1\r\nhost: x\r\n\r\n").await;
    assert_eq!(client.response().await.expect("second").body, "hello /2");
    assert_eq!(client.response().await.expect("third").body, "hello /3");
}

#[tokio::test]
async fn head_gets_the_headers_of_get_and_no_body() {
    let server = Server::start(app!["/x" => hello]).await;
    let mut client = server.connect().await;
    client.write("HEAD /x HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    let all = client.rest().await;
    assert!(all.contains("content-length: 7\r\n"), "{all}");
    assert!(all.ends_with("\r\n\r\n"), "{all}");
}

#[tokio::test]
async fn a_head_response_may_set_the_content_length() {
    #[middleware]
    fn length_only(_req: &mut Request, res: &mut Response) -> Result {
        res.set("content-length", 1234).end("")
    }
    let server = Server::start(app![length_only]).await;
    let mut client = server.connect().await;
    client.write("HEAD / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    assert!(client.rest().await.contains("content-length: 1234\r\n"));
}

#[tokio::test]
async fn a_wrong_content_length_of_a_response_is_corrected() {
    #[middleware]
    fn lies(_req: &mut Request, res: &mut Response) -> Result {
        res.set("content-length", 50).send("short")
    }
    let server = Server::start(app![lies]).await;
    assert_eq!(server.get("/").await.seen(), (200, "short"));
}

#[tokio::test]
async fn layers_cannot_set_the_framing_of_a_response() {
    #[middleware]
    fn frames(_req: &mut Request, res: &mut Response) -> Result {
        res.set("transfer-encoding", "gzip, chunked").append("content-length", 1).append("content-length", 2);
        res.end("body")
    }
    #[middleware]
    fn continues(_req: &mut Request, res: &mut Response) -> Result {
        res.status(103).send("x")
    }
    let server = Server::start(app!["/frames" => frames, "/continues" => continues]).await;
    let response = server.get("/frames").await;
    assert_eq!((response.seen(), response.header("transfer-encoding")), ((200, "body"), None));
    assert_eq!(server.get("/continues").await.status, 500);
}

#[tokio::test]
async fn dropping_the_server_drops_its_requests() {
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
    let (started, dropped) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let server = Server::start(app![forever(Arc::clone(&started), Arc::clone(&dropped))]).await;
    let mut client = server.connect().await;
    client.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n").await;
    started.notified().await;
    drop(server);
    tokio::time::timeout(Duration::from_secs(20), dropped.notified()).await.expect("dropped in time");
}

#[tokio::test]
async fn a_streamed_body_is_sent_in_chunks() {
    struct Items(u8);
    impl futures_core::Stream for Items {
        type Item = std::io::Result<String>;
        fn poll_next(
            mut self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Option<Self::Item>> {
            self.0 += 1;
            std::task::Poll::Ready((self.0 <= 3).then(|| Ok(format!("item {}\n", self.0))))
        }
    }
    #[middleware]
    async fn items(_req: &mut Request, res: &mut Response) -> Result {
        res.set("content-type", "text/plain").stream(Items(0))
    }
    let server = Server::start(app![items]).await;
    let mut client = server.connect().await;
    client.write("GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    let all = client.rest().await;
    assert!(all.contains("transfer-encoding: chunked\r\n"), "{all}");
    assert!(all.ends_with("7\r\nitem 1\n\r\n7\r\nitem 2\n\r\n7\r\nitem 3\n\r\n0\r\n\r\n"), "{all}");
}

#[tokio::test]
async fn a_request_body_arrives_as_a_stream() {
    #[middleware]
    async fn count(req: &mut Request, res: &mut Response) -> Result {
        let mut bytes = 0;
        while let Some(chunk) = req.body_mut().chunk().await {
            bytes += chunk?.len();
        }
        res.send(bytes.to_string())
    }
    let server = Server::start(app![count]).await;
    let mut client = server.connect().await;
    client.write("POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n").await;
    for _ in 0..3 {
        client.write("4\r\nabcd\r\n").await;
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    client.write("0\r\n\r\n").await;
    assert_eq!(client.response().await.expect("a response").body, "12");
}

#[tokio::test]
async fn the_peer_address_is_the_clients() {
    #[middleware]
    fn peer(req: &mut Request, res: &mut Response) -> Result {
        res.send(req.peer().expect("a socket").ip().to_string())
    }
    let server = Server::start(app![peer]).await;
    assert_eq!(server.get("/").await.body, "127.0.0.1");
}

#[tokio::test]
async fn a_rewritten_head_request_still_gets_no_body() {
    #[middleware]
    fn to_get(req: &mut connect::Rewrite, _res: &mut Response, next: Next) -> Result {
        req.set_method(http::Method::GET);
        next.pass()
    }
    let server = Server::start(app![to_get, hello]).await;
    let mut client = server.connect().await;
    client.write("HEAD /a HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    assert!(client.rest().await.ends_with("\r\n\r\n"));
}

#[tokio::test]
async fn shutdown_finishes_running_requests_and_closes_idle_connections() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("bound");
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let app = app!["/slow" => slow, hello].environment(Environment::Test);
    let server = tokio::spawn(app.serve_until(listener, stopped));

    let mut idle = Client::connect(address).await;
    idle.write("GET /idle HTTP/1.1\r\nhost: x\r\n\r\n").await;
    assert_eq!(idle.response().await.expect("a response").body, "hello /idle");
    let mut busy = Client::connect(address).await;
    busy.write("GET /slow HTTP/1.1\r\nhost: x\r\n\r\n").await;
    tokio::time::sleep(Duration::from_millis(50)).await;

    stop.send(()).expect("the server runs");
    assert_eq!(idle.rest().await, "");
    assert_eq!(busy.response().await.expect("a response").body, "slow");
    assert_eq!(busy.rest().await, "");
    server.await.expect("no panic").expect("a clean end");
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn an_address_in_use_is_an_error() {
    let taken = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = taken.local_addr().expect("bound");
    let err = app![hello].listen(address).await.expect_err("it is in use");
    assert_eq!(err.kind(), std::io::ErrorKind::AddrInUse);
}

#[tokio::test]
async fn the_final_handler_waits_for_the_whole_request_body() {
    #[middleware]
    fn fails(_req: &mut Request, _res: &mut Response) -> Result {
        Err(Error::new(413, "too much"))
    }
    let server = Server::start(app!["/fails" => fails]).await;
    for (path, status) in [("/nothing", 404), ("/fails", 413)] {
        let mut client = server.connect().await;
        client.write(&format!("POST {path} HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n12345")).await;
        let early = tokio::time::timeout(Duration::from_millis(100), client.response()).await;
        assert!(early.is_err(), "answered in the middle of the upload");
        client.write("67890").await;
        assert_eq!(client.response().await.expect("a response").status, status);
    }
}
