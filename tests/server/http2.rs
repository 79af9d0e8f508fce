use std::time::Duration;

use connect::http::{self, Request, Version};
use connect::{Body, Next, Response, Result, Rewrite, app, middleware};
use http_body_util::BodyExt as _;
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::{TestServer, index, scheme, sleep};

async fn client(running: &TestServer) -> SendRequest<Body> {
    let stream = TcpStream::connect(running.address).await.unwrap();
    let (sender, connection) = handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    sender
}

async fn get(sender: &mut SendRequest<Body>, path: &str) -> (http::StatusCode, String) {
    let request = Request::get(format!("http://x{path}")).body(Body::empty()).unwrap();
    let response = sender.send_request(request).await.unwrap();
    assert_eq!(response.version(), Version::HTTP_2);
    let status = response.status();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn http2_with_prior_knowledge_is_served() {
    let running = TestServer::start(app![index, scheme, sleep], |server| server);
    let mut sender = client(&running).await;
    assert_eq!(get(&mut sender, "/scheme").await.1, "http by HTTP/2.0");
    // HTTP/1 is still served, also for methods that begin like the preface.
    for method in ["P", "PR", "PRI", "POST", "PUT"] {
        let mut client = running.client().await;
        client.write(&format!("{method} / HTTP/1.1\r\nhost: x\r\n\r\n")).await;
        assert_eq!(client.response().await.expect("a response").status, 404, "{method}");
    }
}

/// `/v1/url` is `/url`.
#[middleware]
fn strip_version(req: &mut Rewrite, _res: &mut Response, next: Next) -> Result {
    if let Some(rest) = req.url().strip_prefix("/v1/").map(|rest| format!("/{rest}")) {
        req.set_url(&rest)?;
    }
    next.pass()
}

#[middleware]
fn show_url(req: &mut connect::Request, res: &mut Response) -> Result {
    res.send(format!("{} {} {}", req.url(), req.path(), req.host().unwrap_or("-")))
}

#[tokio::test]
async fn the_url_is_the_same_over_http1_and_http2() {
    let app = app![strip_version, "/url" => show_url, show_url];
    let running = TestServer::start(app, |server| server);
    let mut http2 = client(&running).await;
    for (path, url) in
        [("/a?b=1", "/a?b=1 /a"), ("/url/a?b", "/a?b /a"), ("/url?b", "/?b /"), ("/v1/url/a", "/a /a")]
    {
        let mut http1 = running.client().await;
        http1.write(&format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n")).await;
        let expected = format!("{url} x");
        assert_eq!(http1.response().await.expect("a response").body, expected, "{path}");
        assert_eq!(get(&mut http2, path).await.1, expected, "{path}");
    }
}

#[tokio::test]
async fn streams_are_served_concurrently() {
    let running = TestServer::start(app![index, sleep], |server| server);
    let sender = client(&running).await;
    let started = std::time::Instant::now();
    let tasks: Vec<_> = (0..50)
        .map(|_| {
            let mut sender = sender.clone();
            tokio::spawn(async move { get(&mut sender, "/sleep/1000").await })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap().1, "slept 1000 ms");
    }
    // One after the other they would take 50 s.
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
}

#[tokio::test]
async fn the_preface_may_arrive_in_pieces() {
    let running = TestServer::start(app![index], |server| server);
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    // The preface, and an empty SETTINGS frame.
    let bytes = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
    for piece in bytes.chunks(5) {
        stream.write_all(piece).await.unwrap();
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let mut frame = [0; 9];
    tokio::io::AsyncReadExt::read_exact(&mut stream, &mut frame).await.unwrap();
    assert_eq!(frame[3], 4, "SETTINGS come first: {frame:?}");
}

#[tokio::test]
async fn http2_prior_knowledge_can_be_disabled() {
    let running = TestServer::start(app![index], |server| server.http2_prior_knowledge(false));
    let mut client = running.client().await;
    client.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await;
    assert!(!client.rest().await.contains("200 OK"));
}

#[tokio::test]
async fn an_idle_connection_is_closed_and_a_busy_one_is_not() {
    let short = Duration::from_millis(150);
    let running = TestServer::start(app![index, sleep], |server| {
        server.keep_alive_timeout(short).header_timeout(short)
    });
    let mut sender = client(&running).await;
    assert_eq!(get(&mut sender, "/sleep/400").await.1, "slept 400 ms");
    assert_eq!(get(&mut sender, "/").await.1, "index");
    tokio::time::sleep(short * 5).await;
    let request = Request::get("http://x/").body(Body::empty()).unwrap();
    assert!(sender.send_request(request).await.is_err());
}

#[tokio::test]
async fn open_streams_are_served_during_shutdown() {
    let running = TestServer::start(app![sleep], |server| server);
    let mut sender = client(&running).await;
    let task = tokio::spawn(async move { get(&mut sender, "/sleep/300").await });
    tokio::time::sleep(Duration::from_millis(100)).await;
    running.shutdown.start();
    assert_eq!(task.await.unwrap().1, "slept 300 ms");
    running.ended().await;
}

#[tokio::test]
async fn max_headers_applies_over_http2() {
    let running = TestServer::start(app![index], |server| server.max_headers(5));
    let mut sender = client(&running).await;
    for (count, status) in [(5, 200), (6, 431), (900, 431)] {
        let mut request = Request::get("http://x/").body(Body::empty()).unwrap();
        for number in 0..count {
            let name = http::HeaderName::try_from(format!("x-{number}")).unwrap();
            request.headers_mut().insert(name, http::HeaderValue::from_static("y"));
        }
        assert_eq!(sender.send_request(request).await.unwrap().status(), status, "{count}");
    }
}

#[connect::get("/stream")]
fn stream(res: &mut Response) -> Result {
    res.stream(tokio_stream::iter([Ok::<_, std::io::Error>("a"), Ok("b")]))
}

#[tokio::test]
async fn a_response_to_head_has_no_body_and_the_length_of_the_one_for_get() {
    let running = TestServer::start(app![index, stream], |server| server);
    let mut sender = client(&running).await;
    let length = get(&mut sender, "/").await.1.len().to_string();
    for (path, length) in [("/", Some(&*length)), ("/stream", None), ("/nowhere", None)] {
        for _ in 0..3 {
            let request = Request::head(format!("http://x{path}")).body(Body::empty()).unwrap();
            let response = sender.send_request(request).await.unwrap();
            if path != "/nowhere" {
                let told = response.headers().get("content-length").map(|value| value.to_str().unwrap());
                assert_eq!(told, length, "{path}");
            }
            let body = response.into_body().collect().await.expect("no error of the protocol");
            assert_eq!(body.to_bytes(), "", "{path}");
        }
    }
}
