//! The function that encodes a body when all else of the response is decided.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use connect::testing::Client;
use connect::{Error, Next, Request, Response, Result, app, error_handler, get, middleware, provide};

/// How often a body was encoded.
type Work = Arc<AtomicUsize>;

#[middleware]
fn encoder(work: &Work, res: &mut Response, next: Next) -> Result {
    let work = Arc::clone(work);
    res.encode(move |res, is_sent| {
        let has_etag = res.headers().contains_key("etag");
        res.set("x-encoded", has_etag.to_string());
        if is_sent {
            work.fetch_add(1, SeqCst);
            let text = String::from_utf8_lossy(res.body().as_bytes().expect("a buffer")).to_uppercase();
            res.set_body(text);
        }
    });
    next.pass()
}

#[middleware]
async fn above(req: &mut Request, res: &mut Response, next: Next) -> Result {
    let done = next.run(req, res).await;
    let seen = res
        .body()
        .as_bytes()
        .map_or(0, |bytes| bytes.iter().filter(|byte| byte.is_ascii_lowercase()).count());
    res.set("x-seen", seen);
    Ok(done)
}

#[middleware]
fn hook(res: &mut Response, next: Next) -> Result {
    res.before_head(async |res| {
        if res.body().as_bytes().is_some_and(|body| body == "hello") {
            res.set_body("hello from a hook");
        }
        Ok(())
    });
    next.pass()
}

#[get("/")]
fn index() -> &'static str {
    "hello"
}

#[get("/as-it-is")]
fn as_it_is(res: &mut Response) -> Result {
    res.encoded(false).text("hello")
}

#[get("/fails")]
fn fails() -> Result<&'static str> {
    Err(Error::new(409, "taken"))
}

#[error_handler]
fn on_error(err: Error, res: &mut Response) -> Result {
    res.error(&err).text(err.public_message())
}

fn client(work: &Work) -> Client {
    Client::new(app![provide(Arc::clone(work)), above, encoder, hook, index, as_it_is, fails, on_error])
}

#[tokio::test]
async fn it_sees_what_layers_hooks_and_error_handlers_have_left_and_the_etag() {
    let work = Work::default();
    let client = client(&work);
    let res = client.get("/").send().await;
    res.assert_text("HELLO FROM A HOOK").assert_header("x-encoded", "true").assert_header("x-seen", "5");
    client
        .get("/fails")
        .send()
        .await
        .assert_status(409)
        .assert_text("TAKEN")
        .assert_header("x-encoded", "false");
    client.get("/as-it-is").send().await.assert_text("hello from a hook").assert_no_header("x-encoded");
    assert_eq!(work.load(SeqCst), 2);
}

#[tokio::test]
async fn for_a_head_and_a_304_only_headers_are_set() {
    let work = Work::default();
    let client = client(&work);
    let etag = client.get("/").send().await.header("etag").expect("an etag").to_owned();
    let same = client.get("/").header("if-none-match", &etag).send().await;
    same.assert_status(304).assert_header("x-encoded", "true").assert_text("");
    client
        .request("HEAD".parse().expect("a method"), "/")
        .send()
        .await
        .assert_status(200)
        .assert_header("x-encoded", "true");
    assert_eq!(work.load(SeqCst), 1);
}
