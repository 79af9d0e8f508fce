//! What `send` and its like put on the wire: types, `ETag`s, 304, redirects, forms.

use std::borrow::Cow;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use connect::http::StatusCode;
use connect::{
    Engine, Error, Html, Next, Request, Responder, Response, Result, Views, app, get, middleware, provide,
};
use futures_core::Stream;

use crate::support::Server;

#[middleware]
fn send(#[config] text: &'static str, _req: &mut Request, res: &mut Response) -> Result {
    res.send(text)
}

/// A stream of one piece.
struct One(Option<&'static str>);

impl Stream for One {
    type Item = Result<&'static str, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(self.0.take().map(Ok))
    }
}

#[tokio::test]
async fn a_text_response_has_a_weak_etag_and_is_a_304_when_fresh() {
    let server = Server::start(app![send("hello")]).await;
    let first = server.request("GET /", &[]).await;
    let etag = first.header("etag").expect("an ETag").to_owned();
    assert!(etag.starts_with("W/\"5-") && etag.ends_with('"'), "{etag}");
    assert_eq!(first.seen(), (200, "hello"));

    let again = server.request("GET /", &[&format!("if-none-match: \"x\", {etag}")]).await;
    assert_eq!(again.seen(), (304, ""));
    assert_eq!(again.header("etag"), Some(&*etag));
    for name in ["content-type", "content-length", "transfer-encoding"] {
        assert_eq!(again.header(name), None, "{name}");
    }
    assert_eq!(server.request("GET /", &["if-none-match: *"]).await.status, 304);
    assert_eq!(server.request("GET /", &["if-none-match: \"other\""]).await.seen(), (200, "hello"));
    let reload =
        server.request("GET /", &[&format!("if-none-match: {etag}"), "cache-control: no-cache"]).await;
    assert_eq!(reload.seen(), (200, "hello"));
}

#[tokio::test]
async fn the_connection_is_kept_alive_after_a_304() {
    let server = Server::start(app![send("hello")]).await;
    let mut client = server.connect().await;
    client
        .write("GET / HTTP/1.1\r\nhost: x\r\nif-none-match: *\r\n\r\nGET / HTTP/1.1\r\nhost: x\r\n\r\n")
        .await;
    assert_eq!(client.response().await.unwrap().seen(), (304, ""));
    assert_eq!(client.response().await.unwrap().seen(), (200, "hello"));
}

#[tokio::test]
async fn a_head_response_has_the_headers_of_get_and_no_body() {
    let server = Server::start(app![send("hello")]).await;
    let get = server.request("GET /", &[]).await;
    let head = server.request("HEAD /", &[]).await;
    assert_eq!(head.seen(), (200, ""));
    for name in ["etag", "content-type", "content-length"] {
        assert_eq!(head.header(name), get.header(name), "{name}");
        assert!(head.header(name).is_some(), "{name}");
    }
    assert_eq!(server.request("HEAD /", &["if-none-match: *"]).await.status, 304);
}

#[tokio::test]
async fn no_etag_is_set_where_it_is_disabled_or_useless() {
    #[get("/off")]
    fn off(res: &mut Response) -> Result {
        res.etag(false).json([1])
    }
    #[get("/created")]
    fn created(res: &mut Response) -> Result {
        res.status(201).send("x")
    }
    #[get("/raw")]
    fn raw(res: &mut Response) -> Result {
        res.end("x")
    }
    #[get("/stream")]
    fn stream(res: &mut Response) -> Result {
        res.set("content-type", "text/plain").stream(One(Some("x")))
    }
    let server = Server::start(app![off, created, raw, stream, "/post" => send("x")]).await;
    for line in ["GET /off", "GET /created", "GET /raw", "GET /stream", "POST /post", "GET /nothing"] {
        assert_eq!(server.request(line, &["if-none-match: *"]).await.header("etag"), None, "{line}");
    }
    assert!(server.request("GET /post", &[]).await.header("etag").is_some());

    let server = Server::start(app![send("x")].etag(false)).await;
    let response = server.request("GET /", &["if-none-match: *"]).await;
    assert_eq!((response.seen(), response.header("etag")), ((200, "x"), None));
}

#[tokio::test]
async fn validators_set_by_a_layer_are_used() {
    #[get("/tag")]
    fn tag(res: &mut Response) -> Result {
        res.set("etag", "\"v1\"").send("tagged")
    }
    #[get("/date")]
    fn date(res: &mut Response) -> Result {
        res.set("last-modified", "Sun, 06 Nov 1994 08:49:37 GMT").etag(false).send("dated")
    }
    // Also with ETags disabled.
    for app in [app![tag, date].etag(true), app![tag, date].etag(false)] {
        let server = Server::start(app).await;
        assert_eq!(server.request("GET /tag", &["if-none-match: \"v1\""]).await.seen(), (304, ""));
        assert_eq!(server.request("GET /tag", &["if-none-match: \"v2\""]).await.seen(), (200, "tagged"));
        let since = "if-modified-since: Sun, 06 Nov 1994 08:49:37 GMT";
        assert_eq!(server.request("GET /date", &[since]).await.seen(), (304, ""));
        let since = "if-modified-since: Sun, 06 Nov 1994 08:49:36 GMT";
        assert_eq!(server.request("GET /date", &[since]).await.seen(), (200, "dated"));
    }
}

#[tokio::test]
async fn the_etag_is_computed_from_the_final_body() {
    #[middleware]
    async fn shout(req: &mut Request, res: &mut Response, next: Next) -> Result {
        let done = next.run(req, res).await;
        let text = String::from_utf8_lossy(res.body().as_bytes().map_or(&[][..], |body| body)).to_uppercase();
        res.set_body(text);
        Ok(done)
    }
    let loud = Server::start(app![shout, send("hello")]).await.request("GET /", &[]).await;
    let same = Server::start(app![send("HELLO")]).await.request("GET /", &[]).await;
    assert_eq!(loud.seen(), (200, "HELLO"));
    assert_eq!(loud.header("etag"), same.header("etag"));
}

#[tokio::test]
async fn an_error_after_a_response_is_not_a_304() {
    #[middleware]
    async fn fails(req: &mut Request, res: &mut Response, next: Next) -> Result {
        let _ = next.run(req, res).await;
        Err(Error::msg("too late"))
    }
    let server = Server::start(app![fails, send("hello")]).await;
    let response = server.request("GET /", &["if-none-match: *"]).await;
    assert_eq!((response.status, response.header("etag")), (500, None));
}

#[tokio::test]
async fn a_redirect_body_is_negotiated() {
    #[get("/old")]
    fn old(res: &mut Response) -> Result {
        res.status(301).redirect("/new <page>")
    }
    #[get("/back")]
    fn back(res: &mut Response) -> Result {
        res.redirect("back")
    }
    let server = Server::start(app![old, back]).await;
    let text = server.request("GET /old", &[]).await;
    assert_eq!(text.seen(), (301, "Moved Permanently. Redirecting to /new%20%3Cpage%3E"));
    assert_eq!(text.header("location"), Some("/new%20%3Cpage%3E"));
    assert_eq!(text.header("vary"), Some("Accept"));
    let html = server.request("GET /old", &["accept: text/html,application/xml;q=0.9,*/*;q=0.8"]).await;
    assert_eq!(html.header("content-type"), Some("text/html; charset=utf-8"));
    assert!(html.body.contains("<p>Moved Permanently. Redirecting to /new%20%3Cpage%3E</p>"));
    let neither = server.request("GET /old", &["accept: image/png"]).await;
    assert_eq!((neither.seen(), neither.header("content-length")), ((301, ""), Some("0")));
    let head = server.request("HEAD /old", &["accept: text/html"]).await;
    assert_eq!((head.seen(), head.header("content-length")), ((301, ""), html.header("content-length")));
    // `back` has no special meaning, as in Express 5.
    assert_eq!(server.request("GET /back", &["referer: /x"]).await.header("location"), Some("back"));
}

#[tokio::test]
async fn the_response_format_is_negotiated() {
    #[middleware]
    fn greet(req: &mut Request, res: &mut Response) -> Result {
        res.format(req)
            .text(|res| res.send("hello"))
            .html(|res| res.send("<p>hello</p>"))
            .json(|res| res.json(["hello"]))
            .send()
    }
    let server = Server::start(app![greet]).await;
    for (accept, content_type, body) in [
        ("*/*", "text/plain; charset=utf-8", "hello"),
        ("text/html", "text/html; charset=utf-8", "<p>hello</p>"),
        ("text/*;q=0.5, application/json", "application/json; charset=utf-8", "[\"hello\"]"),
    ] {
        let response = server.request("GET /", &[&format!("accept: {accept}")]).await;
        assert_eq!((response.seen(), response.header("content-type")), ((200, body), Some(content_type)));
        assert_eq!(response.header("vary"), Some("Accept"));
    }
    let none = server.request("GET /", &["accept: image/png"]).await;
    assert_eq!((none.status, none.header("vary")), (406, Some("Accept")));
}

/// Markup that a client may send.
const MARKUP: &str = "<script>alert(1)</script>";

#[tokio::test]
async fn a_returned_text_is_text_plain_in_every_wrapper() {
    #[get("/string")]
    fn string() -> String {
        format!("by {MARKUP}")
    }
    #[get("/str")]
    fn str() -> &'static str {
        MARKUP
    }
    #[get("/boxed")]
    fn boxed() -> Box<str> {
        MARKUP.into()
    }
    #[get("/borrowed")]
    fn borrowed() -> Cow<'static, str> {
        MARKUP.into()
    }
    #[get("/owned")]
    fn owned() -> Cow<'static, str> {
        Cow::Owned(MARKUP.to_owned())
    }
    #[get("/result")]
    fn result() -> Result<String> {
        Ok(MARKUP.to_owned())
    }
    #[get("/option")]
    fn option() -> Option<String> {
        Some(MARKUP.to_owned())
    }
    #[get("/status")]
    fn status() -> (StatusCode, &'static str) {
        (StatusCode::CREATED, MARKUP)
    }
    #[get("/headers")]
    fn headers() -> ([(&'static str, &'static str); 1], String) {
        ([("x-a", "1")], MARKUP.to_owned())
    }
    #[get("/made")]
    fn made() -> Response {
        MARKUP.into_response()
    }
    #[get("/text")]
    fn text(res: &mut Response) -> Result {
        res.text(MARKUP)
    }
    let app = app![string, str, boxed, borrowed, owned, result, option, status, headers, made, text];
    let server = Server::start(app).await;
    let paths = ["string", "str", "boxed", "borrowed", "owned", "result", "option", "status", "headers"];
    for path in paths.into_iter().chain(["made", "text"]) {
        let response = server.request(&format!("GET /{path}"), &[]).await;
        assert_eq!(response.header("content-type"), Some("text/plain; charset=utf-8"), "{path}");
        assert!(response.body.ends_with(MARKUP), "{path}");
    }
}

#[tokio::test]
async fn a_returned_text_keeps_its_content_type_and_html_is_explicit() {
    #[get("/csv")]
    fn csv() -> ([(&'static str, &'static str); 1], String) {
        ([("content-type", "text/csv")], "a,b".to_owned())
    }
    #[get("/named")]
    fn named() -> Html<&'static str> {
        Html("<p>")
    }
    #[get("/html")]
    fn html(res: &mut Response) -> Result {
        res.html("<p>")
    }
    #[get("/send")]
    fn sent(res: &mut Response) -> Result {
        res.send("<p>")
    }
    let server = Server::start(app![csv, named, html, sent]).await;
    assert_eq!(server.request("GET /csv", &[]).await.header("content-type"), Some("text/csv; charset=utf-8"));
    for path in ["/named", "/html", "/send"] {
        let response = server.request(&format!("GET {path}"), &[]).await;
        assert_eq!(response.header("content-type"), Some("text/html; charset=utf-8"), "{path}");
    }
}

#[tokio::test]
async fn html_and_rendered_views_have_an_etag_and_are_a_304_when_fresh() {
    struct Page;
    impl Engine for Page {
        fn render(
            &self,
            template: &str,
            _: &serde_json::Value,
        ) -> Result<String, Box<dyn std::error::Error + Send + Sync>> {
            Ok(format!("<h1>{template}</h1>"))
        }
    }
    #[get("/html")]
    fn html() -> Html<&'static str> {
        Html("<p>hello</p>")
    }
    #[get("/views")]
    fn views(views: &Views) -> Result<Html<String>> {
        views.render("index", ())
    }
    let server = Server::start(app![provide(Views::new(Page)), html, views]).await;
    for (path, body) in [("/html", "<p>hello</p>"), ("/views", "<h1>index</h1>")] {
        let line = format!("GET {path}");
        let response = server.request(&line, &[]).await;
        assert_eq!(response.seen(), (200, body));
        let etag = response.header("etag").expect("an ETag").to_owned();
        let again = server.request(&line, &[&format!("if-none-match: {etag}")]).await;
        assert_eq!((again.seen(), again.header("etag")), ((304, ""), Some(&*etag)), "{path}");
    }
}
