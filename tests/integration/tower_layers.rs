//! The layers of tower-http in a stack: what a client sees of each.

use std::convert::Infallible;
use std::io::Read as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use connect::{
    Error, Next, Request, Response, Result, app, error_handler, get, middleware, post, router, tower,
};
use http::{HeaderName, HeaderValue, StatusCode};
use tokio::sync::Notify;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::cors::CorsLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::normalize_path::NormalizePathLayer;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, RequestId, SetRequestIdLayer};
use tower_http::set_header::{SetRequestHeaderLayer, SetResponseHeaderLayer};
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::TraceLayer;
use tower_http::validate_request::ValidateRequestHeaderLayer;
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::{LookupSpan, Registry};

use crate::support::{Dropped, Server};

const LONG: Duration = Duration::from_secs(60);
const SHORT: Duration = Duration::from_millis(20);

#[get("/")]
fn index() -> &'static str {
    "index"
}

#[get("/")]
fn text() -> String {
    "a text that is long enough to be worth it, ".repeat(100)
}

/// Collects events, with the name of the span around each.
#[derive(Default, Clone)]
struct Events(Arc<Mutex<Vec<String>>>);

impl<S: tracing::Subscriber + for<'a> LookupSpan<'a>> tracing_subscriber::Layer<S> for Events {
    fn on_event(&self, event: &tracing::Event<'_>, cx: Context<'_, S>) {
        struct Text(String);
        impl tracing::field::Visit for Text {
            fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn std::fmt::Debug) {
                if field.name() == "message" {
                    self.0 = format!("{value:?}");
                }
            }
        }
        let mut text = Text(String::new());
        event.record(&mut text);
        let span = cx.lookup_current().map_or("none", |span| span.name());
        self.0.lock().expect("not poisoned").push(format!("{span}: {}", text.0));
    }
}

#[tokio::test]
async fn the_trace_span_covers_the_layers_below_across_awaits() {
    #[middleware]
    async fn waits(_req: &mut Request, res: &mut Response) -> Result {
        tracing::info!("before");
        tokio::time::sleep(SHORT).await;
        tracing::info!("after");
        res.send("x")
    }
    #[middleware]
    fn above(_req: &mut Request, _res: &mut Response, next: Next) -> Result {
        tracing::info!("above");
        next.pass()
    }
    let events = Events::default();
    let _guard = tracing::subscriber::set_default(Registry::default().with(events.clone()));
    let trace = TraceLayer::new_for_http().make_span_with(|_: &http::Request<_>| tracing::info_span!("http"));
    let server = Server::start(app![above, tower(trace), waits]).await;
    assert_eq!(server.get("/").await.seen(), (200, "x"));
    let events = events.0.lock().expect("not poisoned").clone();
    let seen: Vec<&str> =
        events.iter().map(|event| &**event).filter(|event| !event.starts_with("none: listening")).collect();
    assert_eq!(
        seen,
        [
            "none: above",
            "http: started processing request",
            "http: before",
            "http: after",
            "http: finished processing request",
            "http: end of stream",
        ]
    );
}

#[tokio::test]
async fn cors_responds_to_a_preflight_and_allows_the_response() {
    #[middleware]
    fn above(_req: &mut Request, res: &mut Response, next: Next) -> Result {
        res.set("x-above", "1").vary("accept").cookie(("a", "1"));
        next.pass()
    }
    let server = Server::start(app![above, tower(CorsLayer::very_permissive()), index]).await;
    let preflight = ["origin: http://a.example", "access-control-request-method: PUT"];
    let response = server.request("OPTIONS /", &preflight).await;
    assert_eq!(response.seen(), (200, ""));
    assert_eq!(response.header("access-control-allow-methods"), Some("PUT"));
    assert_eq!((response.header("x-above"), response.header("set-cookie")), (Some("1"), Some("a=1; Path=/")));
    let vary: Vec<_> = response.headers.iter().filter(|(name, _)| name == "vary").collect();
    assert_eq!(vary[0].1, "accept");
    assert!(vary.len() > 1, "{vary:?}");
    let response = server.request("GET /", &["origin: http://a.example"]).await;
    assert_eq!(response.seen(), (200, "index"));
    assert_eq!(response.header("access-control-allow-origin"), Some("http://a.example"));
}

#[tokio::test]
async fn a_timeout_layer_drops_the_handler_and_responds() {
    let dropped = Arc::new(Notify::new());
    #[middleware]
    async fn hangs(#[config] dropped: Arc<Notify>, _req: &mut Request, res: &mut Response) -> Result {
        let _guard = Dropped(dropped);
        res.set("x-below", "1").set("content-type", "image/png");
        tokio::time::sleep(LONG).await;
        res.send("late")
    }
    let timeout = TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, SHORT);
    let server = Server::start(app![tower(timeout), hangs(Arc::clone(&dropped))]).await;
    let response = server.get("/").await;
    assert_eq!(response.seen(), (504, ""));
    assert_eq!((response.header("x-below"), response.header("content-type")), (None, None));
    dropped.notified().await;
}

#[tokio::test]
async fn a_timeout_error_reaches_its_typed_handler() {
    #[middleware]
    async fn hangs(_req: &mut Request, res: &mut Response) -> Result {
        tokio::time::sleep(LONG).await;
        res.send("late")
    }
    #[error_handler]
    fn other(_err: std::io::Error, _req: &mut Request, res: &mut Response, _next: Next) -> Result {
        res.send("wrong")
    }
    #[error_handler]
    fn timed_out(
        err: ::tower::timeout::error::Elapsed,
        req: &mut Request,
        res: &mut Response,
        _next: Next,
    ) -> Result {
        // The request is restored, with its headers.
        let host = req.header("host").unwrap_or("none").to_owned();
        res.status(504).send(format!("{err}, {host}"))
    }
    let timeout = ::tower::timeout::TimeoutLayer::new(SHORT);
    let server = Server::start(app![tower(timeout), hangs, other, timed_out]).await;
    assert_eq!(server.get("/").await.seen(), (504, "request timed out, x"));
}

fn gunzip(bytes: &[u8]) -> String {
    let mut text = String::new();
    flate2::read::GzDecoder::new(bytes).read_to_string(&mut text).expect("gzip");
    text
}

/// A complete response: its head, and its body as bytes.
async fn exchange(server: &Server, request: &str) -> (String, Vec<u8>) {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let mut stream = tokio::net::TcpStream::connect(server.address).await.expect("the server accepts");
    stream.write_all(request.as_bytes()).await.expect("written");
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.expect("read");
    let end = bytes.windows(4).position(|w| w == b"\r\n\r\n").expect("a head") + 4;
    let head = String::from_utf8(bytes[..end].to_vec()).expect("text").to_lowercase();
    let mut body = bytes.split_off(end);
    if head.contains("transfer-encoding: chunked") {
        body = unchunked(&body);
    }
    (head, body)
}

fn unchunked(mut bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    loop {
        let line = bytes.windows(2).position(|w| w == b"\r\n").expect("a length");
        let length =
            usize::from_str_radix(std::str::from_utf8(&bytes[..line]).expect("text"), 16).expect("a length");
        if length == 0 {
            return out;
        }
        out.extend_from_slice(&bytes[line + 2..line + 2 + length]);
        bytes = &bytes[line + 4 + length..];
    }
}

#[tokio::test]
async fn a_compressed_response_decodes_and_has_no_uncompressed_length() {
    #[middleware]
    fn says_its_length(_req: &mut Request, res: &mut Response) -> Result {
        let text = "x".repeat(4000);
        res.set("content-length", "4000").content_type("txt").send(text)
    }
    let server = Server::start(app![
        tower(CompressionLayer::new().gzip(true)),
        "/length" => says_its_length,
        text
    ])
    .await;
    let gzip = "GET / HTTP/1.1\r\nhost: x\r\naccept-encoding: gzip\r\nconnection: close\r\n\r\n";
    let (head, body) = exchange(&server, gzip).await;
    assert!(head.contains("content-encoding: gzip"), "{head}");
    assert!(head.contains("transfer-encoding: chunked") && !head.contains("content-length"), "{head}");
    assert!(body.len() < 500);
    assert_eq!(gunzip(&body), "a text that is long enough to be worth it, ".repeat(100));
    let (head, body) = exchange(&server, &gzip.replace("GET /", "GET /length")).await;
    assert!(head.contains("content-encoding: gzip") && !head.contains("content-length"), "{head}");
    assert_eq!(gunzip(&body), "x".repeat(4000));
    let (head, body) = exchange(&server, &gzip.replace("gzip", "identity")).await;
    assert!(head.contains("content-length: 4300") && !head.contains("content-encoding"), "{head}");
    assert_eq!(body.len(), 4300);
}

#[tokio::test]
async fn a_compressed_stream_is_sent_as_it_is_produced() {
    let more = Arc::new(Notify::new());
    #[middleware]
    fn streams(#[config] more: Arc<Notify>, _req: &mut Request, res: &mut Response) -> Result {
        let (send, receive) = tokio::sync::mpsc::channel(1);
        tokio::spawn(async move {
            // More than the encoder buffers.
            let mut noise = 1u64;
            let block: Vec<u8> = std::iter::repeat_with(|| {
                noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                (noise >> 56) as u8
            })
            .take(300_000)
            .collect();
            let _ = send.send(Ok::<_, Infallible>(bytes::Bytes::from(block))).await;
            more.notified().await;
            let _ = send.send(Ok(bytes::Bytes::from_static(b"end"))).await;
        });
        res.content_type("txt").stream(tokio_stream::wrappers::ReceiverStream::new(receive))
    }
    let app = app![tower(CompressionLayer::new().gzip(true)), streams(Arc::clone(&more))];
    let server = Server::start(app).await;
    let mut client = server.connect().await;
    client.write("GET / HTTP/1.1\r\nhost: x\r\naccept-encoding: gzip\r\nconnection: close\r\n\r\n").await;
    // The stream continues only after the head and the first compressed bytes have arrived.
    client.head().await;
    more.notify_one();
    let rest = client.rest().await;
    assert!(rest.len() > 100_000 && rest.ends_with("0\r\n\r\n"), "{} bytes", rest.len());
}

#[tokio::test]
async fn a_request_id_is_generated_passed_down_and_propagated() {
    #[get("/")]
    fn shows(req: &Request) -> String {
        let id = req.extensions().get::<RequestId>().and_then(|id| id.header_value().to_str().ok());
        assert_eq!(id, req.header("x-request-id"));
        id.unwrap_or("none").to_owned()
    }
    let name = HeaderName::from_static("x-request-id");
    let ids = ::tower::ServiceBuilder::new()
        .layer(SetRequestIdLayer::new(name.clone(), MakeRequestUuid))
        .layer(PropagateRequestIdLayer::new(name));
    let server = Server::start(app![tower(ids), shows]).await;
    let response = server.get("/").await;
    assert_eq!(response.body.len(), 36);
    assert_eq!(response.header("x-request-id"), Some(&*response.body));
    let response = server.request("GET /", &["x-request-id: mine"]).await;
    assert_eq!((response.seen(), response.header("x-request-id")), ((200, "mine"), Some("mine")));
}

#[tokio::test]
async fn set_header_layers_set_request_and_response_headers() {
    #[get("/")]
    fn shows(req: &Request, res: &mut Response) -> Result {
        let agent = req.header("user-agent").unwrap_or("none").to_owned();
        res.set("x-kept", "mine").send(agent)
    }
    let value = HeaderValue::from_static;
    let headers = ::tower::ServiceBuilder::new()
        .layer(SetRequestHeaderLayer::overriding(http::header::USER_AGENT, value("layer")))
        .layer(SetResponseHeaderLayer::if_not_present(HeaderName::from_static("x-kept"), value("layer")))
        .layer(SetResponseHeaderLayer::overriding(http::header::SERVER, value("connect")));
    let server = Server::start(app![tower(headers), shows]).await;
    let response = server.request("GET /", &["user-agent: test"]).await;
    assert_eq!(response.seen(), (200, "layer"));
    assert_eq!((response.header("x-kept"), response.header("server")), (Some("mine"), Some("connect")));
    // Also for responses of the final handler.
    let response = server.get("/missing").await;
    assert_eq!((response.status, response.header("server")), (404, Some("connect")));
}

#[tokio::test]
async fn an_invalid_request_does_not_reach_the_layers_below() {
    #[middleware]
    fn above(_req: &mut Request, res: &mut Response, next: Next) -> Result {
        res.set("x-above", "1");
        next.pass()
    }
    let json = ValidateRequestHeaderLayer::accept("application/json");
    let server = Server::start(app![above, tower(json), index]).await;
    assert_eq!(server.request("GET /", &["accept: application/json"]).await.seen(), (200, "index"));
    let response = server.request("GET /", &["accept: text/plain"]).await;
    assert_eq!((response.seen(), response.header("x-above")), ((406, ""), Some("1")));
}

#[tokio::test]
async fn a_client_refused_during_an_upload_reads_the_response() {
    let json = ValidateRequestHeaderLayer::accept("application/json");
    let server = Server::start(app![tower(json), index]).await;
    let response = server.post("/", "accept: text/plain\r\n", vec![b'x'; 900_000]).await;
    assert_eq!(response.status, 406);
}

#[tokio::test]
async fn a_refused_expect_continue_gets_no_100() {
    let json = ValidateRequestHeaderLayer::accept("application/json");
    let server = Server::start(app![tower(json), index]).await;
    let mut client = server.connect().await;
    client
        .write("POST / HTTP/1.1\r\nhost: x\r\naccept: text/plain\r\nexpect: 100-continue\r\ncontent-length: 9\r\n\r\n")
        .await;
    assert_eq!(client.response().await.expect("a response").status, 406);
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_by_length_and_while_read() {
    #[post("/")]
    async fn length(req: &mut Request) -> Result<String> {
        let mut length = 0;
        while let Some(chunk) = req.body_mut().chunk().await {
            length += chunk?.len();
        }
        Ok(length.to_string())
    }
    #[error_handler]
    fn failed(err: Error, _req: &mut Request, res: &mut Response, _next: Next) -> Result {
        res.status(err.status()).send(format!("{:?}", err.source()))
    }
    let server = Server::start(app![tower(RequestBodyLimitLayer::new(1000)), length, failed]).await;
    assert_eq!(server.post("/", "", "x".repeat(1000)).await.seen(), (200, "1000"));
    assert_eq!(server.post("/", "", "x".repeat(1001)).await.status, 413);
    let mut client = server.connect().await;
    client.write("POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n").await;
    client.write(&format!("3e9\r\n{}\r\n0\r\n\r\n", "x".repeat(1001))).await;
    let response = client.response().await.expect("a response");
    assert!(response.status == 400 && response.body.contains("LengthLimitError"), "{response:?}");
}

#[tokio::test]
async fn catch_panic_gets_an_unhandled_panic() {
    #[middleware]
    async fn panics(req: &mut Request, res: &mut Response, next: Next) -> Result {
        match req.path() {
            "/now" => panic!("at once"),
            "/later" => {
                tokio::time::sleep(SHORT).await;
                panic!("later")
            }
            "/responded" => {
                let _ = res.json("x");
                panic!("after a response")
            }
            _ => next.pass(),
        }
    }
    #[error_handler]
    fn passes_on(err: Error, _req: &mut Request, res: &mut Response, next: Next) -> Result {
        let count = res.header("x-handlers").and_then(|count| count.parse().ok()).unwrap_or(0);
        res.set("x-handlers", count + 1);
        next.fail(err)
    }
    fn caught(payload: Box<dyn std::any::Any + Send + 'static>) -> http::Response<String> {
        let text = payload.downcast_ref::<&str>().copied().unwrap_or("no text");
        http::Response::builder().status(599).body(format!("caught: {text}")).expect("valid")
    }
    #[middleware]
    fn above(_req: &mut Request, res: &mut Response, next: Next) -> Result {
        res.set("x-above", "1");
        next.pass()
    }
    let catch = CatchPanicLayer::custom(caught as fn(_) -> _);
    let server = Server::start(app![above, tower(catch), panics, passes_on, index]).await;
    for (path, text) in
        [("/now", "caught: at once"), ("/later", "caught: later"), ("/responded", "caught: after a response")]
    {
        let response = server.get(path).await;
        assert_eq!(response.seen(), (599, text));
        assert_eq!(
            (response.header("x-above"), response.header("x-handlers")),
            (Some("1"), Some("1")),
            "{path}"
        );
        assert_eq!(response.header("content-type"), None, "{path}");
    }
    assert_eq!(server.get("/").await.seen(), (200, "index"));
}

#[tokio::test]
async fn catch_panic_works_above_another_tower_layer_and_in_a_routes_own_stack() {
    #[get("/", tower(CatchPanicLayer::new()))]
    async fn caught() -> &'static str {
        panic!("in a route")
    }
    #[get("/by", tower(TraceLayer::new_for_http()))]
    async fn uncaught() -> &'static str {
        panic!("in a route")
    }
    #[error_handler]
    fn takes(err: Error, _req: &mut Request, res: &mut Response, _next: Next) -> Result {
        res.status(500).send(err.to_string())
    }
    #[middleware]
    fn panics(_req: &mut Request, _res: &mut Response, _next: Next) -> Result {
        panic!("below two")
    }
    let server = Server::start(app![caught, uncaught, takes]).await;
    assert_eq!(server.get("/").await.seen(), (500, "Service panicked"));
    assert_eq!(server.get("/by").await.seen(), (500, "a layer panicked: in a route"));
    let catch = tower(CatchPanicLayer::new());
    let server = Server::start(app![catch, tower(TraceLayer::new_for_http()), panics]).await;
    assert_eq!(server.get("/").await.seen(), (500, "Service panicked"));
}

#[tokio::test]
async fn a_handled_panic_is_a_response_to_the_layers_above() {
    #[middleware]
    fn panics(_req: &mut Request, _res: &mut Response, _next: Next) -> Result {
        panic!("oh")
    }
    #[error_handler]
    fn takes(err: connect::Panic, _req: &mut Request, res: &mut Response, _next: Next) -> Result {
        res.status(500).send(err.to_string())
    }
    let server = Server::start(app![tower(CatchPanicLayer::new()), panics, takes]).await;
    assert_eq!(server.get("/").await.seen(), (500, "a layer panicked: oh"));
}

#[tokio::test]
async fn an_uncaught_panic_goes_to_the_final_handler() {
    #[middleware]
    fn panics(_req: &mut Request, _res: &mut Response, _next: Next) -> Result {
        panic!("oh")
    }
    #[error_handler]
    fn counts(err: Error, _req: &mut Request, res: &mut Response, next: Next) -> Result {
        res.append("x-seen", "1");
        next.fail(err)
    }
    let server = Server::start(app![tower(TraceLayer::new_for_http()), panics, counts]).await;
    let response = server.get("/").await;
    assert!(response.status == 500 && response.body.contains("a layer panicked: oh"), "{response:?}");
    assert_eq!(response.headers.iter().filter(|(name, _)| name == "x-seen").count(), 1);
}

#[tokio::test]
async fn a_path_rewritten_by_a_tower_layer_is_used_below_it_and_in_mounts() {
    #[get("/a")]
    fn shows(req: &Request) -> String {
        format!("{} {} {}", req.mount_path(), req.path(), req.original_uri())
    }
    #[middleware]
    fn after(req: &mut Request, res: &mut Response) -> Result {
        let seen = format!("after {}", req.uri());
        res.send(seen)
    }
    let trim = NormalizePathLayer::trim_trailing_slash;
    let server = Server::start(app![
        "/mount" => router![#![strict] tower(trim()), shows],
        "/list" => [tower(trim()), after],
    ])
    .await;
    assert_eq!(server.get("/mount/a/").await.seen(), (200, "/mount /a /mount/a/"));
    assert_eq!(server.get("/mount/a?x=1").await.seen(), (200, "/mount /a /mount/a?x=1"));
    assert_eq!(server.get("/list/b/?x=1").await.seen(), (200, "after /list/b?x=1"));
    assert_eq!(server.get("/list").await.seen(), (200, "after /list"));
}
