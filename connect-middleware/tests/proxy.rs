//! The reverse proxy, between sockets.
#![cfg(feature = "proxy")]

#[path = "support/upstream.rs"]
mod support;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use connect::testing::Client;
use connect::{TrustProxy, app, body_parser};
use connect_middleware::proxy::Proxy;
use support::{LONG, exactly, head, rest, send, upstream};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/// A target that answers each request with what it has received: the head, and a body with a length.
async fn echo() -> String {
    upstream(|mut io| async move {
        while let Some(head) = head(&mut io).await {
            let length = head
                .split("content-length: ")
                .nth(1)
                .map_or(0, |rest| rest.split("\r\n").next().unwrap().parse().unwrap());
            let seen = format!("{head}{}", exactly(&mut io, length).await);
            let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{seen}", seen.len());
            io.write_all(answer.as_bytes()).await.unwrap();
        }
    })
    .await
}

/// A target that answers each request with the same bytes, and then closes.
async fn answers(bytes: &'static str) -> String {
    upstream(move |mut io| async move {
        if head(&mut io).await.is_some() {
            io.write_all(bytes.as_bytes()).await.unwrap();
        }
    })
    .await
}

async fn serve(proxy: Proxy) -> (Client, SocketAddr) {
    let client = Client::serve(app!["/api" => [proxy]]).await.unwrap();
    let address = client.address().unwrap();
    (client, address)
}

/// What the target sees of a request, and what the client gets.
async fn seen(address: SocketAddr, request: &str) -> String {
    rest(&mut send(address, request).await).await
}

#[tokio::test]
async fn headers_of_the_connection_stay_on_it_in_both_directions() {
    let (_client, address) = serve(Proxy::to(echo().await)).await;
    let request = "GET /api/x HTTP/1.1\r\nhost: a\r\nconnection: close, x-secret\r\nx-secret: 1\r\nkeep-alive: 5\r\n\
                   te: trailers, gzip\r\nproxy-authorization: x\r\nproxy: http://evil\r\nupgrade: h2c\r\nx-kept: 1\r\n\r\n";
    let text = seen(address, request).await;
    for gone in ["x-secret", "keep-alive", "gzip", "proxy", "h2c"] {
        assert!(!text.contains(gone), "{gone} in {text}");
    }
    for kept in ["x-kept: 1\r\n", "te: trailers\r\n", "connection: te\r\n", "via: 1.1 connect\r\n"] {
        assert!(text.contains(kept), "{kept} not in {text}");
    }
    let target = answers(
        "HTTP/1.1 200 OK\r\nconnection: x-inner, close\r\nx-inner: 1\r\nkeep-alive: 5\r\nproxy-authenticate: x\r\n\
         x-outer: 1\r\nset-cookie: a=1\r\nset-cookie: b=2\r\ncontent-length: 2\r\n\r\nok",
    );
    let (client, _) = serve(Proxy::to(target.await)).await;
    let res = client.get("/api").send().await;
    res.assert_ok().assert_text("ok").assert_header("x-outer", "1");
    for gone in ["x-inner", "keep-alive", "proxy-authenticate"] {
        res.assert_no_header(gone);
    }
    assert_eq!(res.headers().get_all("set-cookie").iter().count(), 2);
}

#[tokio::test]
async fn a_client_cannot_forge_where_it_comes_from() {
    let target = echo().await;
    let (_client, address) = serve(Proxy::to(&target)).await;
    let request = "GET /api/x HTTP/1.1\r\nhost: a.example\r\nconnection: close\r\nx-forwarded-for: 6.6.6.6\r\n\
                   x-forwarded-proto: https\r\nx-forwarded-host: evil\r\nx-forwarded-user: root\r\nx-real-ip: 6.6.6.6\r\n\
                   forwarded: for=6.6.6.6\r\n\r\n";
    let text = seen(address, request).await;
    assert!(!text.contains("6.6.6.6") && !text.contains("evil") && !text.contains("root"), "{text}");
    for set in
        ["x-forwarded-for: 127.0.0.1\r\n", "x-forwarded-proto: http\r\n", "x-forwarded-host: a.example\r\n"]
    {
        assert!(text.contains(set), "{set} not in {text}");
    }
    assert!(text.contains(&format!("\r\nhost: {}\r\n", target.strip_prefix("http://").unwrap())), "{text}");
    // What a trusted proxy has said goes on.
    let app = app!["/api" => [Proxy::to(&target).keep_host()]].trust_proxy(TrustProxy::hops(1));
    let client = Client::serve(app).await.unwrap();
    let text = seen(client.address().unwrap(), request).await;
    assert!(text.contains("x-forwarded-for: 6.6.6.6, 127.0.0.1\r\n"), "{text}");
    assert!(
        text.contains("x-forwarded-proto: https\r\n") && text.contains("x-forwarded-host: evil\r\n"),
        "{text}"
    );
    assert!(!text.contains("root") && !text.contains("for=6"), "{text}");
}

#[tokio::test]
async fn no_request_changes_the_host_that_it_is_sent_to() {
    let target = echo().await;
    let (_client, address) = serve(Proxy::to(format!("{target}/v1/"))).await;
    let host = target.strip_prefix("http://").unwrap();
    for (asked, sent) in [
        ("/api/users?a=%41&b=http://x//", "/v1/users?a=%41&b=http://x//"),
        ("/api", "/v1/"),
        ("/api?x", "/v1/?x"),
        ("/api//evil.example/x", "/v1//evil.example/x"),
        ("/api/@evil.example", "/v1/@evil.example"),
        ("/api/http://evil.example/", "/v1/http://evil.example/"),
        ("http://evil.example/api/x", "/v1/x"),
        ("/api/a%2Fb%20c", "/v1/a%2Fb%20c"),
    ] {
        let text =
            seen(address, &format!("GET {asked} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")).await;
        assert!(text.contains(&format!("\r\n\r\nGET {sent} HTTP/1.1\r\n")), "{asked}: {text}");
        assert!(text.contains(&format!("\r\nhost: {host}\r\n")), "{asked}: {text}");
    }
    for asked in ["/api/../x", "/api/%2e%2e/x", "/api/..%2fx", "/api/a/..;/b", "/api/.", "/api/x\\..\\y"] {
        let text =
            seen(address, &format!("GET {asked} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")).await;
        assert!(text.starts_with("HTTP/1.1 400 "), "{asked}: {text}");
    }
    let bare = Client::serve(app![Proxy::to(&target)]).await.unwrap();
    let request = "GET //evil.example/x HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
    let text = seen(bare.address().unwrap(), request).await;
    assert!(text.contains("\r\n\r\nGET //evil.example/x HTTP/1.1\r\n") && text.contains(host), "{text}");
    let connect = "CONNECT evil.example:443 HTTP/1.1\r\nhost: evil.example:443\r\nconnection: close\r\n\r\n";
    assert!(seen(bare.address().unwrap(), connect).await.starts_with("HTTP/1.1 501 "));
}

#[tokio::test]
async fn the_mount_is_kept_or_the_path_is_rewritten() {
    let target = echo().await;
    let (client, _) = serve(Proxy::to(&target).keep_mount()).await;
    client.get("/api/x?q").send().await.assert_contains("GET /api/x?q HTTP/1.1");
    let (client, _) = serve(Proxy::to(&target).rewrite(|path| path.replacen("/old", "/new", 1))).await;
    client.get("/api/old/1?q").send().await.assert_contains("GET /new/1?q HTTP/1.1");
    let (client, _) = serve(Proxy::to(&target).rewrite(|_| "@evil".to_owned())).await;
    client.get("/api/x").send().await.assert_status(500);
}

#[tokio::test]
async fn both_bodies_go_on_piece_by_piece() {
    let target = upstream(|mut io| async move {
        head(&mut io).await.unwrap();
        io.write_all(
            b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n",
        )
        .await
        .unwrap();
        let mut bytes = [0; 64];
        while let Ok(count @ 1..) = io.read(&mut bytes).await {
            // Each chunk comes back as it was framed.
            io.write_all(&bytes[..count]).await.unwrap();
            if bytes[..count].ends_with(b"0\r\n\r\n") {
                return;
            }
        }
    });
    let (_client, address) = serve(Proxy::to(target.await)).await;
    let mut io = send(address, "POST /api/x HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n").await;
    assert!(head(&mut io).await.unwrap().starts_with("HTTP/1.1 200 OK\r\n"));
    for piece in ["3\r\none\r\n", "3\r\ntwo\r\n", "5\r\nthree\r\n", "0\r\n\r\n"] {
        io.write_all(piece.as_bytes()).await.unwrap();
        // The next is sent only when this one is back.
        assert_eq!(exactly(&mut io, piece.len()).await.to_ascii_lowercase(), piece);
    }
}

#[tokio::test]
async fn a_target_is_not_read_faster_than_the_client_reads() {
    let (stalled, mut is_stalled) = mpsc::unbounded_channel();
    let target = upstream(move |mut io| {
        let stalled = stalled.clone();
        async move {
            head(&mut io).await.unwrap();
            io.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
            let mut written = 0;
            let piece = [b'x'; 1 << 16];
            while let Ok(Ok(count)) = tokio::time::timeout(Duration::from_secs(3), io.write(&piece)).await {
                written += count;
                assert!(written < 1 << 30, "there is no backpressure");
            }
            stalled.send(written).unwrap();
        }
    });
    let (_client, address) = serve(Proxy::to(target.await)).await;
    let _io = send(address, "GET /api/x HTTP/1.1\r\nhost: a\r\n\r\n").await;
    let written = tokio::time::timeout(LONG, is_stalled.recv()).await.unwrap().unwrap();
    // The buffers of two pairs of sockets.
    assert!(written < 64 << 20, "{written} bytes");
}

#[tokio::test]
async fn a_client_is_not_read_faster_than_the_target_reads() {
    let target = upstream(|mut io| async move {
        head(&mut io).await.unwrap();
        std::future::pending::<()>().await;
    });
    let (_client, address) = serve(Proxy::to(target.await)).await;
    let mut io = send(address, "POST /api/x HTTP/1.1\r\nhost: a\r\ncontent-length: 9999999999\r\n\r\n").await;
    let (mut written, piece) = (0, [b'x'; 1 << 16]);
    while let Ok(count) = tokio::time::timeout(Duration::from_secs(3), io.write(&piece)).await {
        written += count.unwrap();
        assert!(written < 64 << 20, "there is no backpressure");
    }
}

#[tokio::test]
async fn a_response_that_breaks_off_is_incomplete_for_the_client() {
    let chunked = answers("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\none\r\n").await;
    let (_client, address) = serve(Proxy::to(chunked)).await;
    let text = seen(address, "GET /api/x HTTP/1.1\r\nhost: a\r\n\r\n").await;
    assert!(text.contains("one") && !text.contains("0\r\n\r\n"), "{text}");
    let sized = answers("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\none").await;
    let (_client, address) = serve(Proxy::to(sized)).await;
    let text = seen(address, "GET /api/x HTTP/1.1\r\nhost: a\r\n\r\n").await;
    assert!(text.contains("content-length: 10\r\n") && text.ends_with("\r\n\r\none"), "{text}");
    let paused = upstream(|mut io| async move {
        head(&mut io).await.unwrap();
        io.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\none").await.unwrap();
        rest(&mut io).await;
    });
    let (_client, address) = serve(Proxy::to(paused.await).idle_timeout(Duration::from_millis(200))).await;
    let text = seen(address, "GET /api/x HTTP/1.1\r\nhost: a\r\n\r\n").await;
    assert!(text.ends_with("\r\n\r\none"), "{text}");
}

#[tokio::test]
async fn a_target_that_fails_is_a_502_or_a_504_that_does_not_name_it() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let silent = upstream(|mut io| async move { drop(rest(&mut io).await) }).await;
    let limit = Duration::from_millis(200);
    for (proxy, status) in [
        (Proxy::to(format!("http://{free}")), 502),
        (Proxy::to(answers("nonsense\r\n\r\n").await), 502),
        (Proxy::to(answers("").await), 502),
        (
            Proxy::to(answers("HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nxx").await),
            502,
        ),
        (
            Proxy::to(
                answers("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n")
                    .await,
            ),
            502,
        ),
        (Proxy::to(silent).head_timeout(limit), 504),
    ] {
        let client = Client::serve(app!["/api" => [proxy], on_error]).await.unwrap();
        let res = client.get("/api/x").send().await;
        res.assert_status(status);
        assert!(!res.text().contains("127.0.0.1"), "{}", res.text());
    }
}

#[connect::error_handler]
fn on_error(
    err: connect::Error,
    _req: &mut connect::Request,
    res: &mut connect::Response,
    _next: connect::Next,
) -> connect::Result {
    res.error(&err).text(err.public_message())
}

#[tokio::test]
async fn a_client_that_leaves_cancels_the_request_to_the_target() {
    let (ended, mut has_ended) = mpsc::unbounded_channel();
    let (began, mut has_begun) = mpsc::unbounded_channel();
    let target = upstream(move |mut io| {
        let (began, ended) = (began.clone(), ended.clone());
        async move {
            let head = head(&mut io).await.unwrap();
            if head.starts_with("GET /body") {
                io.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\none\r\n")
                    .await
                    .unwrap();
            }
            began.send(()).unwrap();
            rest(&mut io).await;
            ended.send(()).unwrap();
        }
    });
    let (_client, address) = serve(Proxy::to(target.await)).await;
    for path in ["head", "body"] {
        let mut io = send(address, &format!("GET /api/{path} HTTP/1.1\r\nhost: a\r\n\r\n")).await;
        has_begun.recv().await.unwrap();
        if path == "body" {
            head(&mut io).await.unwrap();
        }
        // The connection is reset.
        io.set_zero_linger().unwrap();
        drop(io);
        tokio::time::timeout(LONG, has_ended.recv()).await.expect(path).unwrap();
    }
}

#[tokio::test]
async fn a_request_body_that_breaks_off_is_incomplete_for_the_target() {
    let (ended, mut bodies) = mpsc::unbounded_channel();
    let target = upstream(move |mut io| {
        let ended = ended.clone();
        async move {
            head(&mut io).await.unwrap();
            ended.send(rest(&mut io).await).unwrap();
        }
    });
    let (_client, address) = serve(Proxy::to(target.await)).await;
    let mut io =
        send(address, "POST /api/x HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n3\r\none\r\n")
            .await;
    io.shutdown().await.unwrap();
    let body = tokio::time::timeout(LONG, bodies.recv()).await.unwrap().unwrap();
    assert!(!body.contains("0\r\n\r\n"), "{body}");
}

#[tokio::test]
async fn a_client_that_sends_its_body_too_slowly_gets_a_408() {
    let (ended, mut bodies) = mpsc::unbounded_channel();
    let target = upstream(move |mut io| {
        let ended = ended.clone();
        async move {
            head(&mut io).await.unwrap();
            ended.send(rest(&mut io).await).unwrap();
        }
    });
    let app = app![Proxy::to(target.await)].body_timeout(Duration::from_millis(100));
    let client = Client::serve(app).await.unwrap();
    let request = "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\none";
    let mut io = send(client.address().unwrap(), request).await;
    let answer = rest(&mut io).await;
    assert!(answer.starts_with("HTTP/1.1 408 Request Timeout\r\n"), "{answer}");
    assert!(answer.contains("the client sent the body too slowly"), "{answer}");
    // The target does not take the part for the whole.
    let body = tokio::time::timeout(LONG, bodies.recv()).await.unwrap().unwrap();
    assert_eq!(body, "one");
}

#[tokio::test]
async fn a_request_that_can_be_read_in_two_ways_does_not_get_through() {
    let target = upstream(|mut io| async move {
        let head = head(&mut io).await.unwrap();
        let lengths = [head.contains("content-length:"), head.contains("transfer-encoding:")];
        assert!(lengths != [true, true], "{head}");
        io.write_all(OK).await.unwrap();
    });
    let (_client, address) = serve(Proxy::to(target.await)).await;
    for framing in [
        "content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nX",
        "transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n\r\n0\r\n\r\n",
        "transfer-encoding: xchunked\r\n\r\n0\r\n\r\n",
        "content-length: 1\r\ncontent-length: 2\r\n\r\nxx",
        "content-length: +1\r\n\r\nx",
    ] {
        let request = format!("POST /api/x HTTP/1.1\r\nhost: a\r\nconnection: close\r\n{framing}");
        let text = seen(address, &request).await;
        let only_one = text.matches("HTTP/1.1 ").count() == 1;
        assert!(only_one && !text.starts_with("HTTP/1.1 502"), "{framing:?}: {text}");
        if !framing.starts_with("content-length: 5") {
            assert!(
                text.starts_with("HTTP/1.1 400") || text.starts_with("HTTP/1.1 501"),
                "{framing:?}: {text}"
            );
        }
    }
}

#[tokio::test]
async fn a_client_that_expects_100_is_asked_for_its_body() {
    let (_client, address) = serve(Proxy::to(echo().await)).await;
    let request = "POST /api/x HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\nexpect: 100-continue\r\nconnection: close\r\n\r\n";
    let mut io = send(address, request).await;
    assert!(head(&mut io).await.unwrap().starts_with("HTTP/1.1 100 "));
    io.write_all(b"hello").await.unwrap();
    let text = rest(&mut io).await;
    assert!(text.ends_with("\r\n\r\nhello") && !text.contains("expect"), "{text}");
}

#[tokio::test]
async fn a_body_that_a_parser_has_read_is_sent_on() {
    let app = app![body_parser::json(), "/api" => [Proxy::to(echo().await)]];
    let client = Client::serve(app).await.unwrap();
    let request = client.post("/api/x").header("content-type", "application/json").body("{\"a\": 1}");
    let res = request.send().await;
    res.assert_ok().assert_contains("content-length: 8\r\n").assert_contains("\r\n\r\n{\"a\": 1}");
    let long = serve(Proxy::to(echo().await).max_body(4)).await.0;
    long.post("/api/x").body("12345").send().await.assert_status(413);
    long.post("/api/x").body("1234").send().await.assert_contains("\r\n\r\n1234");
    let pieces = send(
        long.address().unwrap(),
        "POST /api/x HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\
        transfer-encoding: chunked\r\n\r\n6\r\n123456\r\n0\r\n\r\n",
    );
    assert!(rest(&mut pieces.await).await.starts_with("HTTP/1.1 413 "));
}

#[tokio::test]
async fn only_a_safe_request_is_sent_again() {
    let requests = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&requests);
    // Each connection answers one request, and closes without a response to the second.
    let target = upstream(move |mut io| {
        let count = Arc::clone(&count);
        async move {
            head(&mut io).await;
            count.fetch_add(1, Ordering::SeqCst);
            io.write_all(OK).await.unwrap();
            if head(&mut io).await.is_some() {
                count.fetch_add(1, Ordering::SeqCst);
            }
        }
    });
    let (client, _) = serve(Proxy::to(target.await)).await;
    client.get("/api/1").send().await.assert_ok();
    client.get("/api/2").send().await.assert_ok();
    assert_eq!(requests.load(Ordering::SeqCst), 3);
    client.post("/api/3").body("x").send().await.assert_status(502);
    assert_eq!(requests.load(Ordering::SeqCst), 4);
}

#[tokio::test]
async fn a_location_of_the_target_is_one_below_the_mount() {
    let target = upstream(|mut io| async move {
        let head = head(&mut io).await.unwrap();
        let host = head.split("host: ").nth(1).unwrap().split("\r\n").next().unwrap();
        let answer =
            format!("HTTP/1.1 302 Found\r\nlocation: http://{host}/v1/x?y=1\r\ncontent-length: 0\r\n\r\n");
        io.write_all(answer.as_bytes()).await.unwrap();
    })
    .await;
    let (client, _) = serve(Proxy::to(format!("{target}/v1"))).await;
    client.get("/api/a").send().await.assert_status(302).assert_header("location", "/api/x?y=1");
    let (client, _) = serve(Proxy::to(format!("{target}/v1")).keep_location()).await;
    client.get("/api/a").send().await.assert_header("location", &format!("{target}/v1/x?y=1"));
}

#[tokio::test]
async fn a_response_to_head_keeps_its_length_and_trailers_pass() {
    let (client, _) = serve(Proxy::to(answers("HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\n").await)).await;
    client.head("/api/x").send().await.assert_ok().assert_header("content-length", "7");
    let target = answers(
        "HTTP/1.1 200 OK\r\ntrailer: x-sum\r\ntransfer-encoding: chunked\r\n\r\n3\r\none\r\n0\r\nx-sum: 7\r\n\r\n",
    );
    let (_client, address) = serve(Proxy::to(target.await)).await;
    let request = "GET /api/x HTTP/1.1\r\nhost: a\r\nte: trailers\r\nconnection: te, close\r\n\r\n";
    let text = seen(address, request).await;
    assert!(text.ends_with("0\r\nx-sum: 7\r\n\r\n"), "{text}");
}

/// RFC 9112, section 6.3: the coding counts, and the length is removed.
#[tokio::test]
async fn a_response_with_a_length_beside_its_coding_is_as_long_as_the_coding_says() {
    for length in [1, 9] {
        let response = format!(
            "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\ntransfer-encoding: chunked\r\n\r\n3\r\none\r\n0\r\n\r\n"
        );
        let (client, _) = serve(Proxy::to(answers(response.leak()).await)).await;
        let received = client.get("/api/x").send().await;
        assert_eq!(received.header("content-length"), None);
        received.assert_ok().assert_text("one");
    }
}

#[tokio::test]
async fn a_client_of_http2_is_answered_by_a_target_of_http1() {
    use http_body_util::{BodyExt, Full};
    use hyper_util::rt::{TokioExecutor, TokioIo};
    let (_client, address) = serve(Proxy::to(echo().await)).await;
    let io = TokioIo::new(TcpStream::connect(address).await.unwrap());
    let (mut requests, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), io).await.unwrap();
    tokio::spawn(connection);
    let req = http::Request::post("http://a.example/api/x?q=%41").header("content-length", 5);
    let res = requests
        .send_request(req.body(Full::new(connect::bytes::Bytes::from("hello"))).unwrap())
        .await
        .unwrap();
    let body = res.into_body().collect().await.unwrap().to_bytes();
    let text = std::str::from_utf8(&body).unwrap();
    assert!(text.starts_with("POST /x?q=%41 HTTP/1.1\r\n") && text.ends_with("\r\n\r\nhello"), "{text}");
    assert!(
        text.contains("via: 2.0 connect\r\n") && text.contains("x-forwarded-host: a.example\r\n"),
        "{text}"
    );
}
