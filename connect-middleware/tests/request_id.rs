//! Ids of requests: made, taken over, and in every response.
#![cfg(feature = "request-id")]
#![allow(missing_docs, missing_debug_implementations, reason = "lints for libraries")]

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};

use connect::testing::{Client, TestResponse};
use connect::{App, Chain, Error, Outcome, Request, Response, Result, TrustProxy, app, error_handler, get};
use connect_middleware::request_id::{RequestId, RequestIds};
use http::{HeaderName, HeaderValue};

#[get("/")]
fn index(id: &RequestId) -> String {
    id.to_string()
}

#[get("/same")]
fn same() -> &'static str {
    "the same for all"
}

#[get("/header")]
fn header(req: &Request) -> String {
    req.header("x-request-id").unwrap_or("none").to_owned()
}

#[get("/fail")]
fn fails() -> Result<()> {
    Err(Error::new(418, "a teapot"))
}

#[get("/panic")]
fn panics() -> &'static str {
    panic!("in the handler")
}

#[error_handler]
fn page(err: Error, id: Option<&RequestId>, res: &mut Response) -> Result {
    let id = id.map_or("unknown", RequestId::as_str);
    let text = format!("error of {id}");
    res.error(&err).text(text)
}

fn id(res: &TestResponse) -> &str {
    res.header("x-request-id").expect("no id")
}

fn is_random(id: &str) -> bool {
    id.len() == 32 && id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[tokio::test]
async fn every_request_has_another_id_in_whatever_response_it_gets() {
    let client = Client::serve(app![RequestIds::new(), index, same, fails, panics]).await.unwrap();
    let mut ids = HashSet::new();
    for _ in 0..100 {
        let res = client.get("/").send().await;
        res.assert_text(id(&res));
        assert!(is_random(id(&res)) && ids.insert(id(&res).to_owned()), "{res:?}");
    }
    for (path, status) in [("/fail", 418), ("/panic", 500), ("/none", 404)] {
        let res = client.get(path).send().await;
        assert!(is_random(id(res.assert_status(status))));
    }
    let etag = client.get("/same").send().await.header("etag").expect("no etag").to_owned();
    let res = client.get("/same").header("if-none-match", etag).send().await;
    assert!(is_random(id(res.assert_status(304))));
}

#[tokio::test]
async fn an_error_handler_reads_the_id_also_of_a_panic() {
    let client = Client::new(app![RequestIds::new(), fails, panics, page]);
    for path in ["/fail", "/panic"] {
        let res = client.get(path).send().await;
        res.assert_text(&format!("error of {}", id(&res)));
    }
}

/// Whether the id of a request is taken over that comes from an address.
async fn takes_over<P>(app: App<impl Chain, P>, peer: [u8; 4], given: &str) -> bool {
    let client = Client::new(app);
    let peer = SocketAddr::from((peer, 4711));
    let res = client.get("/header").header("x-request-id", given).peer(peer).send().await;
    let own = id(res.assert_status(200));
    // Layers below see no other id than the client.
    res.assert_text(own);
    assert!(own == given || is_random(own), "{own}");
    own == given
}

#[tokio::test]
async fn an_id_is_taken_over_from_a_trusted_proxy_alone() {
    let proxies = || "10.0.0.0/8".parse::<TrustProxy>().unwrap();
    let (proxy, client) = ([10, 0, 0, 1], [203, 0, 113, 7]);
    assert!(!takes_over(app![RequestIds::new(), header], proxy, "abc").await);
    assert!(takes_over(app![RequestIds::new(), header].trust_proxy(proxies()), proxy, "abc").await);
    assert!(!takes_over(app![RequestIds::new(), header].trust_proxy(proxies()), client, "abc").await);
    assert!(takes_over(app![RequestIds::new().from_anyone(), header], client, "abc").await);
    let nobody = app![RequestIds::new().from_nobody(), header].trust_proxy(proxies());
    assert!(!takes_over(nobody, proxy, "abc").await);
}

#[tokio::test]
async fn what_could_not_stand_in_a_line_of_a_log_is_replaced() {
    let anyone = || app![RequestIds::new().from_anyone(), header];
    let longest = "a".repeat(128);
    for (given, taken) in [
        ("01890a5d-ac96-774b-bcce-b302099a8057", true),
        (&longest[..], true),
        (&format!("{longest}a")[..], false),
        ("", false),
        ("a b", false),
        ("a,b", false),
    ] {
        assert_eq!(takes_over(anyone(), [127, 0, 0, 1], given).await, taken, "{given:?}");
    }
    // Two headers, and bytes that are no text.
    let two = |first: &[u8], second: Option<&'static str>| {
        let mut req = http::Request::get("/header").body("").unwrap();
        req.headers_mut().append("x-request-id", HeaderValue::from_bytes(first).unwrap());
        if let Some(second) = second {
            req.headers_mut().append("x-request-id", HeaderValue::from_static(second));
        }
        Request::from(req)
    };
    for mut req in [two(b"a", Some("b")), two("\u{e9}".as_bytes(), None)] {
        let mut res = Response::new();
        let done = anyone().run(&mut req, &mut res).await;
        assert_eq!(done.outcome(), Outcome::Layer);
        assert!(is_random(res.header("x-request-id").unwrap()), "{res:?}");
        assert_eq!(req.headers().get_all("x-request-id").iter().count(), 1);
    }
}

/// An app of its own, which is mounted as a whole. In one list a second layer does not compile.
fn inner() -> App<impl Chain> {
    app![RequestIds::new().generate(|| "inner".to_owned()), index]
}

#[tokio::test]
async fn a_mounted_app_keeps_the_id_of_the_one_around_it() {
    let res = Client::new(app![RequestIds::new(), inner()]).get("/").send().await;
    res.assert_text(id(&res));
    assert!(is_random(id(&res)));
    Client::new(inner()).get("/").send().await.assert_text("inner").assert_header("x-request-id", "inner");
}

#[tokio::test]
async fn the_header_and_the_function_can_be_set() {
    let count = AtomicUsize::new(0);
    let ids = RequestIds::new()
        .header(HeaderName::from_static("x-correlation-id"))
        .generate(move || format!("n{}", count.fetch_add(1, Ordering::Relaxed)));
    let client = Client::new(app![ids, index]);
    for expected in ["n0", "n1"] {
        let res = client.get("/").send().await;
        res.assert_text(expected)
            .assert_header("x-correlation-id", expected)
            .assert_no_header("x-request-id");
    }
    let client = Client::new(app![RequestIds::new().generate(|| "a\nb".to_owned()), index]);
    client.get("/").send().await.assert_status(500);
}
