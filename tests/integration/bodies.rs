//! Malformed, oversized and stalled bodies, and the responses to them.

use std::collections::BTreeMap;
use std::io::Write;
use std::time::{Duration, Instant};

use connect::{
    App, BodyError, Chain, Error, Next, ParsedBody, Request, Response, Result, app, body_limit, body_parser,
    error_handler, middleware, post, router,
};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;

use crate::support::{RawResponse, Server};

const JSON: &str = "content-type: application/json\r\n";
const FORM: &str = "content-type: application/x-www-form-urlencoded\r\n";
const PARTS: &str = "content-type: multipart/form-data; boundary=x\r\n";
const GZIP: &str = "content-encoding: gzip\r\n";

#[post("/bytes")]
async fn bytes(req: &mut Request) -> Result<String> {
    Ok(format!("{} bytes", req.bytes().await?.len()))
}

#[post("/text")]
async fn text(req: &mut Request) -> Result<String> {
    req.text().await
}

#[post("/json")]
async fn json(req: &mut Request) -> Result<String> {
    Ok(req.json::<Value>().await?.to_string())
}

#[post("/form")]
async fn form(req: &mut Request) -> Result<String> {
    Ok(format!("{:?}", req.form::<BTreeMap<String, Vec<String>>>().await?))
}

#[post("/parts")]
async fn parts(req: &mut Request) -> Result<String> {
    let mut parts = req.multipart()?;
    let mut seen = Vec::new();
    while let Some(part) = parts.next().await? {
        let name = part.name().unwrap_or("?").to_owned();
        seen.push(format!("{name}={}", part.bytes().await?.len()));
    }
    Ok(seen.join(" "))
}

#[error_handler]
fn on_error(err: Error, _req: &mut Request, res: &mut Response, _next: Next) -> Result {
    let kind = err.downcast_ref::<BodyError>().map_or("none", |err| err.kind().as_str());
    res.set("x-kind", kind).status(err.status()).send(err.public_message())
}

fn readers() -> App<impl Chain> {
    app![bytes, text, json, form, parts, on_error]
}

/// The status and the error kind of a refused body; the next client is served.
async fn refused(server: &Server, path: &str, headers: &str, body: impl AsRef<[u8]>) -> (u16, String) {
    let response = server.post(path, headers, body).await;
    served(server).await;
    kind_of(&response)
}

fn kind_of(response: &RawResponse) -> (u16, String) {
    (response.status, response.header("x-kind").unwrap_or_default().to_owned())
}

async fn served(server: &Server) {
    assert_eq!(server.post("/text", "", "still served").await.seen(), (200, "still served"));
}

fn kind(status: u16, kind: &str) -> (u16, String) {
    (status, kind.to_owned())
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("a vector takes all");
    encoder.finish().expect("a vector takes all")
}

/// 80 MB of zeros in less than 102,400 bytes: gzip may have several members.
fn bomb() -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&vec![0; 1 << 20]).expect("a vector takes all");
    let bomb = encoder.finish().expect("a vector takes all").repeat(80);
    assert!(bomb.len() < 102_400, "{}", bomb.len());
    bomb
}

#[tokio::test]
async fn bodies_are_parsed_by_their_content_type() {
    let server = Server::start(readers()).await;
    assert_eq!(server.post("/bytes", "", "abc").await.seen(), (200, "3 bytes"));
    assert_eq!(server.post("/json", JSON, "{\"a\":[1]}").await.seen(), (200, "{\"a\":[1]}"));
    assert_eq!(server.post("/form", FORM, "a=1&b=x+y&a=2").await.body, r#"{"a": ["1", "2"], "b": ["x y"]}"#);
    let latin = "content-type: text/plain; charset=iso-8859-1\r\n";
    assert_eq!(server.post("/text", latin, b"h\xe9llo").await.seen(), (200, "h\u{e9}llo"));
    assert_eq!(server.post("/text", GZIP, gzip(b"hello")).await.seen(), (200, "hello"));
    let body = "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n123\r\n--x--\r\n";
    assert_eq!(server.post("/parts", PARTS, body).await.seen(), (200, "a=3"));
}

#[tokio::test]
async fn a_chunked_body_is_read_as_one_body() {
    let server = Server::start(readers()).await;
    let mut client = server.connect().await;
    client.write("POST /text HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n").await;
    tokio::time::sleep(Duration::from_millis(20)).await;
    client.write("3\r\ndef\r\n0\r\n\r\n").await;
    assert_eq!(client.response().await.expect("a response").seen(), (200, "abcdef"));
}

#[tokio::test]
async fn a_truncated_or_corrupt_encoding_is_a_bad_request() {
    let server = Server::start(readers()).await;
    let body = gzip(&b"hello ".repeat(1000));
    for cut in [1, 8, body.len() / 2] {
        let seen = refused(&server, "/text", GZIP, &body[..body.len() - cut]).await;
        assert_eq!(seen, kind(400, "entity.parse.failed"), "without {cut}");
    }
    assert_eq!(refused(&server, "/text", GZIP, "no gzip").await, kind(400, "entity.parse.failed"));
    let unknown = refused(&server, "/text", "content-encoding: bogus\r\n", "x").await;
    assert_eq!(unknown, kind(415, "encoding.unsupported"));
}

#[tokio::test]
async fn a_gzip_bomb_is_refused() {
    let server = Server::start(readers()).await;
    for (path, headers) in [("/bytes", ""), ("/text", ""), ("/json", JSON), ("/form", FORM)] {
        let seen = refused(&server, path, &format!("{headers}{GZIP}"), bomb()).await;
        assert_eq!(seen, kind(413, "entity.too.large"), "{path}");
    }
}

#[test]
fn a_decompression_bomb_uses_little_memory() {
    let brotli = |window: u32| {
        let mut out = Vec::new();
        let mut encoder = brotli::CompressorWriter::new(&mut out, 4096, 5, window);
        encoder.write_all(&vec![0; 20 << 20]).expect("a vector takes all");
        drop(encoder);
        out
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    // Brotli keeps a window of what it has decoded, here of 4 MB; larger ones are refused.
    for (coding, body, most) in
        [("gzip", bomb(), 1 << 20), ("br", brotli(22), 6 << 20), ("br", brotli(24), 1 << 20)]
    {
        let req = http::Request::post("/bytes").header("content-encoding", coding);
        let mut req = Request::from(req.body(body).expect("a path"));
        let (app, mut res) = (readers(), Response::new());
        let used = allocation_counter::measure(|| {
            runtime.block_on(async {
                let _ = app.run(&mut req, &mut res).await;
            });
        });
        assert_eq!(res.status_code(), 413, "{coding}");
        assert!(used.bytes_max < most, "{coding}: {} bytes at a time", used.bytes_max);
    }
}

#[tokio::test]
async fn a_form_with_too_many_fields_is_refused_at_once() {
    let server = Server::start(app![body_limit(1 << 20), form, text, on_error]).await;
    let begun = Instant::now();
    let seen = refused(&server, "/form", FORM, "a=1&".repeat(100_000)).await;
    assert_eq!(seen, kind(413, "parameters.too.many"));
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    let most = (0..1000).map(|i| format!("k{i}=1")).collect::<Vec<_>>().join("&");
    assert_eq!(server.post("/form", FORM, most).await.status, 200);
}

#[tokio::test]
async fn deeply_nested_json_is_refused() {
    let server = Server::start(app![body_limit(1 << 20), json, text, on_error]).await;
    for piece in ["[", "{\"a\":"] {
        let seen = refused(&server, "/json", JSON, piece.repeat(100_000)).await;
        assert_eq!(seen, kind(400, "entity.parse.failed"), "{piece}");
    }
    let nested = format!("{}{}", "[".repeat(100), "]".repeat(100));
    assert_eq!(server.post("/json", JSON, &nested).await.body, nested);
}

#[tokio::test]
async fn a_body_in_a_wrong_or_unknown_charset_is_refused() {
    let server = Server::start(readers()).await;
    for (path, headers) in [("/text", ""), ("/json", JSON), ("/form", FORM)] {
        let seen = refused(&server, path, headers, b"\"\xff\xfe\"").await;
        assert_eq!(seen, kind(400, "entity.parse.failed"), "{path}");
    }
    for (path, content_type) in [
        ("/text", "text/plain; charset=bogus"),
        ("/json", "application/json; charset=koi8-r"),
        ("/form", "application/x-www-form-urlencoded; charset=koi8-r"),
    ] {
        let seen = refused(&server, path, &format!("content-type: {content_type}\r\n"), "1").await;
        assert_eq!(seen, kind(415, "charset.unsupported"), "{path}");
    }
    for path in ["/json", "/form", "/parts"] {
        let seen = refused(&server, path, "content-type: text/plain\r\n", "1").await;
        assert_eq!(seen, kind(415, "type.unsupported"), "{path}");
    }
}

#[tokio::test]
async fn a_multipart_body_without_its_final_boundary_is_refused() {
    let server = Server::start(readers()).await;
    let part = "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n123";
    for body in ["", "--x", part, &format!("{part}\r\n--x")] {
        let seen = refused(&server, "/parts", PARTS, body).await;
        assert_eq!(seen, kind(400, "entity.parse.failed"), "{body:?}");
    }
    // The rest of the body was read, so the connection can be used again.
    let mut client = server.connect().await;
    let wrong = "x".repeat(90_000);
    client
        .write(&format!("POST /parts HTTP/1.1\r\nhost: x\r\ncontent-length: 90000\r\n{PARTS}\r\n{wrong}"))
        .await;
    assert_eq!(client.response().await.expect("a response").status, 413);
    client.write("POST /text HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\nok").await;
    assert_eq!(client.response().await.expect("a response").seen(), (200, "ok"));
    let long = format!("{part}{}\r\n--x--\r\n", "4".repeat(200_000));
    assert_eq!(refused(&server, "/parts", PARTS, long).await, kind(413, "entity.too.large"));
}

#[tokio::test]
async fn a_client_that_stops_sending_its_body_gets_a_408() {
    let server = Server::start(readers().body_timeout(Duration::from_millis(100))).await;
    for (path, headers) in [("/text", ""), ("/json", JSON), ("/parts", PARTS)] {
        let mut client = server.connect().await;
        let head = format!("POST {path} HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n{headers}\r\n");
        client.write(&format!("{head}--x\r\n")).await;
        let response = client.response().await.expect("a response");
        assert_eq!(kind_of(&response), kind(408, "request.timeout"), "{path}");
        assert_eq!(client.rest().await, "", "the connection is closed");
        served(&server).await;
    }
}

#[tokio::test]
async fn the_error_handler_sees_a_client_that_disconnects_during_its_body() {
    let (seen, mut errors) = tokio::sync::mpsc::unbounded_channel();
    #[error_handler]
    fn report(
        #[config] seen: tokio::sync::mpsc::UnboundedSender<(u16, &'static str)>,
        err: BodyError,
        _req: &mut Request,
        res: &mut Response,
        _next: Next,
    ) -> Result {
        let _ = seen.send((err.status().as_u16(), err.kind().as_str()));
        res.status(err.status()).end("")
    }
    let server = Server::start(app![json, text, parts, report(seen)]).await;
    for (path, headers) in [("/text", ""), ("/json", JSON), ("/parts", PARTS)] {
        let mut client = server.connect().await;
        let head = format!("POST {path} HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n{headers}\r\n");
        client.write(&format!("{head}--x\r\n")).await;
        drop(client);
        let error = tokio::time::timeout(Duration::from_secs(20), errors.recv()).await.expect("in time");
        assert_eq!(error, Some((400, "request.aborted")), "{path}");
        served(&server).await;
    }
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_with_and_without_its_length() {
    let server = Server::start(readers()).await;
    assert_eq!(refused(&server, "/bytes", "", vec![0; 102_401]).await, kind(413, "entity.too.large"));
    assert_eq!(server.post("/bytes", "", vec![0; 102_400]).await.seen(), (200, "102400 bytes"));
    let mut client = server.connect().await;
    client.write("POST /bytes HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n").await;
    client.write(&format!("19001\r\n{}\r\n0\r\n\r\n", "x".repeat(102_401))).await;
    assert_eq!(kind_of(&client.response().await.expect("a response")), kind(413, "entity.too.large"));
    // The rest of the body was read, so the connection can be used again.
    client.write("POST /text HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\nok").await;
    assert_eq!(client.response().await.expect("a response").seen(), (200, "ok"));
}

#[tokio::test]
async fn a_body_limit_applies_to_the_layers_below_it() {
    #[post("/route", body_limit(5))]
    async fn in_a_route(req: &mut Request) -> Result<String> {
        req.text().await
    }
    #[post("/inner")]
    async fn inner(req: &mut Request) -> Result<String> {
        req.text().await
    }
    #[middleware]
    fn by_hand(req: &mut Request, _res: &mut Response, next: Next) -> Result {
        req.set_body_limit(3);
        next.pass()
    }
    let app = app![
        body_limit(10),
        in_a_route,
        "/router" => router![body_limit(20), inner],
        "/hand" => [by_hand, text],
        text,
        on_error
    ];
    let server = Server::start(app).await;
    for (path, limit) in [("/text", 10), ("/route", 5), ("/router/inner", 20), ("/hand/text", 3)] {
        assert_eq!(server.post(path, "", vec![b'x'; limit]).await.status, 200, "{path}");
        let response = server.post(path, "", vec![b'x'; limit + 1]).await;
        assert_eq!(response.seen(), (413, &*format!("the body is longer than {limit} bytes")));
    }
}

#[tokio::test]
async fn expect_continue_gets_a_100_only_if_the_body_is_read() {
    let server = Server::start(readers()).await;
    let head = |path: &str, headers: &str, length: usize| {
        format!(
            "POST {path} HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: {length}\r\n{headers}\r\n"
        )
    };
    let mut client = server.connect().await;
    client.write(&head("/text", "", 5)).await;
    assert_eq!(client.response().await.expect("an interim response").status, 100);
    client.write("hello").await;
    assert_eq!(client.response().await.expect("a response").seen(), (200, "hello"));
    for (request, status) in [
        (head("/text", "", 200_000), 413),
        (head("/json", "content-type: text/plain\r\n", 5), 415),
        (head("/text", "content-encoding: bogus\r\n", 5), 415),
        (head("/text", "content-type: text/plain; charset=bogus\r\n", 5), 415),
        (head("/parts", "content-type: multipart/form-data\r\n", 5), 400),
    ] {
        let mut client = server.connect().await;
        client.write(&request).await;
        assert_eq!(client.response().await.expect("a response").status, status, "{request}");
    }
}

#[tokio::test]
async fn a_later_reader_can_read_the_body_again() {
    #[post("/twice")]
    async fn twice(req: &mut Request) -> Result<String> {
        let first = req.text().await?;
        let second = req.bytes().await?;
        Ok(first + &String::from_utf8_lossy(&second))
    }
    #[derive(serde::Deserialize)]
    struct Token {
        _csrf: String,
    }
    #[derive(serde::Deserialize)]
    struct Post {
        text: String,
    }
    #[middleware]
    async fn check_token(req: &mut Request, next: Next) -> Result {
        let token: Token = req.form().await?;
        if token._csrf == "secret" { next.pass() } else { connect::bail!(403, "wrong token") }
    }
    #[post("/form")]
    fn form(connect::Form(post): connect::Form<Post>) -> String {
        post.text
    }
    #[post("/beside")]
    async fn beside(connect::Form(post): connect::Form<Post>, req: &mut Request) -> Result<String> {
        let all = req.text().await?;
        Ok(format!("{} of {all}", post.text))
    }
    #[post("/small")]
    async fn small(req: &mut Request) -> Result<String> {
        req.set_body_limit(3);
        req.text().await
    }
    #[middleware]
    async fn reads(req: &mut Request, next: Next) -> Result {
        req.bytes().await?;
        next.pass()
    }
    #[post("/stream")]
    async fn stream(req: &mut Request) -> Result<String> {
        while let Some(piece) = req.body_mut().chunk().await {
            piece?;
        }
        req.text().await
    }
    let app = app![
        twice,
        connect::guard![check_token => form],
        beside,
        connect::guard![reads => small],
        stream,
        connect::guard![connect::body_parser::urlencoded() => parsed],
        text,
    ];
    #[post("/parsed")]
    fn parsed(connect::Form(post): connect::Form<Post>) -> String {
        post.text
    }
    let server = Server::start(app).await;
    let form = "content-type: application/x-www-form-urlencoded\r\n";
    for body in ["abc", ""] {
        assert_eq!(server.post("/twice", "", body).await.body, body.repeat(2));
    }
    assert_eq!(server.post("/form", form, "_csrf=secret&text=hello").await.seen(), (200, "hello"));
    assert_eq!(server.post("/form", form, "_csrf=other&text=hello").await.status, 403);
    assert_eq!(server.post("/beside", form, "text=a").await.body, "a of text=a");
    assert_eq!(server.post("/parsed", form, "text=a").await.seen(), (200, "a"));
    // Within its own limit.
    assert_eq!(server.post("/small", "", "abc").await.seen(), (200, "abc"));
    assert_eq!(server.post("/small", "", "abcd").await.status, 413);
    // A body that was read as a stream is not kept.
    assert_eq!(server.post("/stream", "", "abc").await.status, 500);
    served(&server).await;
}

#[tokio::test]
async fn a_parser_parses_once_and_leaves_other_types_alone() {
    #[middleware]
    async fn shows(req: &mut Request, res: &mut Response) -> Result {
        let shown = match req.parsed_body() {
            Some(ParsedBody::Json(value)) => format!("json {value}"),
            Some(ParsedBody::Form(form)) => format!("form {}", form.text("a").unwrap_or("none")),
            Some(ParsedBody::Text(text)) => format!("text {text}"),
            Some(ParsedBody::Raw(bytes)) => format!("raw {}", bytes.len()),
            Some(_) => "new".to_owned(),
            None => format!("untouched {}", req.text().await?),
        };
        res.send(shown)
    }
    let signed = |_: &Request, bytes: &[u8]| match bytes.starts_with(b"[") {
        true => Ok(()),
        false => Err(Error::msg("not signed")),
    };
    let app = app![
        body_parser::json().verify(signed),
        body_parser::json(),
        body_parser::urlencoded(),
        body_parser::text().limit(5),
        body_parser::raw().inflate(false),
        shows,
        on_error
    ];
    let server = Server::start(app).await;
    let raw = "content-type: application/octet-stream\r\n";
    for (headers, body, wanted) in [
        (JSON, "[1]", (200, "json [1]")),
        (JSON, "{}", (403, "not signed")),
        (FORM, "a=x&b=y", (200, "form x")),
        ("content-type: text/plain\r\n", "hello", (200, "text hello")),
        ("content-type: text/plain\r\n", "hello!", (413, "the body is longer than 5 bytes")),
        (raw, "abc", (200, "raw 3")),
        ("content-type: text/html\r\n", "abc", (200, "untouched abc")),
    ] {
        assert_eq!(server.post("/", headers, body).await.seen(), wanted, "{headers}{body}");
    }
    assert_eq!(kind_of(&server.post("/", JSON, "{}").await), kind(403, "entity.verify.failed"));
    let encoded = server.post("/", &format!("{raw}{GZIP}"), gzip(b"abc")).await;
    assert_eq!(kind_of(&encoded), kind(415, "encoding.unsupported"));
}
