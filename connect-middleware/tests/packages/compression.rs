//! As `tests/real/packages/compression.cjs`.

use connect::testing::Client;
use connect::{Error, Html, Next, Request, Response, Result, app, get, middleware, post};
use connect_middleware::compression::Compression;
use futures_util::stream;
use serde_json::json;

use super::failed;

fn long() -> String {
    "lorem ipsum dolor sit amet ".repeat(100)
}

#[get("/")]
fn index() -> String {
    long()
}

#[post("/")]
fn posted() -> String {
    long()
}

#[get("/short")]
fn short() -> &'static str {
    "short"
}

#[get("/hundred")]
fn hundred() -> String {
    "x".repeat(100)
}

#[get("/empty")]
fn empty() -> &'static str {
    ""
}

#[get("/json")]
fn json_text(res: &mut Response) -> Result {
    res.json(json!({ "text": long() }))
}

#[get("/html")]
fn html() -> Html<String> {
    Html(format!("<p>{}</p>", long()))
}

#[get("/svg")]
fn svg(res: &mut Response) -> Result {
    res.content_type("svg").send(format!("<svg>{}</svg>", long()))
}

#[get("/png")]
fn png(res: &mut Response) -> Result {
    res.content_type("png").end(long())
}

#[get("/octets")]
fn octets(res: &mut Response) -> Result {
    res.content_type("application/octet-stream").end(long())
}

#[get("/custom")]
fn custom(res: &mut Response) -> Result {
    res.content_type("application/vnd.example+json").send(format!("\"{}\"", long()))
}

#[get("/untyped")]
fn untyped(res: &mut Response) -> Result {
    res.end(long())
}

#[get("/no-transform")]
fn no_transform(res: &mut Response) -> Result {
    res.set("cache-control", "public, no-transform").text(long())
}

#[get("/public")]
fn public(res: &mut Response) -> Result {
    res.set("cache-control", "public").text(long())
}

#[get("/encoded")]
fn encoded(res: &mut Response) -> Result {
    res.set("content-encoding", "x-own").content_type("text").end(long())
}

#[get("/strong")]
fn strong(res: &mut Response) -> Result {
    res.set("etag", "\"v1\"").text(long())
}

#[get("/varies")]
fn varies(res: &mut Response) -> Result {
    res.vary("Accept").text(long())
}

#[get("/range")]
fn range(res: &mut Response) -> Result {
    res.status(206).set("content-range", "bytes 0-2699/5400").content_type("text").end(long())
}

#[get("/stream")]
fn streamed(res: &mut Response) -> Result {
    res.content_type("text")
        .stream(stream::iter([long(), long(), "end".to_owned()].map(Ok::<_, std::io::Error>)))
}

#[get("/events")]
fn events(res: &mut Response) -> Result {
    let event = format!("data: {}\n\n", long());
    res.content_type("text/event-stream").stream(stream::iter([Ok::<_, std::io::Error>(event)]))
}

#[get("/fails")]
fn fails() -> Result<&'static str> {
    Err(Error::new(429, "slow down"))
}

#[get("/nothing")]
fn nothing(res: &mut Response) -> Result {
    res.status(204).end("")
}

/// The filter of the package sees the request, ours the response.
#[middleware]
fn plain(req: &mut Request, res: &mut Response, next: Next) -> Result {
    res.encoded(req.header("x-plain").is_none());
    next.pass()
}

pub async fn serve(configuration: &str) -> Option<Client> {
    let layer = match configuration {
        "defaults" | "filter" => Compression::new(),
        "threshold" => Compression::new().threshold(100),
        "threshold-0" => Compression::new().threshold(0),
        _ => return None,
    };
    let app = app![
        layer,
        plain,
        index,
        posted,
        short,
        hundred,
        empty,
        json_text,
        html,
        svg,
        png,
        octets,
        custom,
        untyped,
        no_transform,
        public,
        encoded,
        strong,
        varies,
        range,
        streamed,
        events,
        fails,
        nothing,
        failed,
    ];
    Some(Client::serve(app).await.unwrap())
}
