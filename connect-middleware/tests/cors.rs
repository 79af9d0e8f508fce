//! Cross-origin requests, as a browser sends them.

use connect::testing::Client;
use connect::{Error, Result, app, get, options};
use connect_middleware::cors::Cors;
use http::Method;
use http::header::{HeaderName, HeaderValue};
use std::time::Duration;

#[get("/")]
fn index() -> &'static str {
    "hello"
}

#[get("/fails")]
fn fails() -> Result<&'static str> {
    Err(Error::new(429, "slow down"))
}

#[options("/")]
fn own_options() -> &'static str {
    "the route's own"
}

const OURS: &str = "https://app.example.com";

#[tokio::test]
async fn every_origin_may_read_without_credentials() {
    let client = Client::new(app![Cors::any(), index]);
    let res = client.get("/").header("origin", OURS).send().await;
    res.assert_status(200).assert_header("access-control-allow-origin", "*");
    assert_eq!(res.headers().get("access-control-allow-credentials"), None);
    assert_eq!(res.headers().get("vary"), None);
}

#[tokio::test]
async fn an_origin_of_the_list_is_named_and_another_is_not() {
    let client = Client::new(app![Cors::origins([OURS]).credentials(), index]);
    let res = client.get("/").header("origin", OURS).send().await;
    res.assert_header("access-control-allow-origin", OURS)
        .assert_header("access-control-allow-credentials", "true")
        .assert_header("vary", "Origin");
    for origin in
        ["https://evil.example", "https://app.example.com.evil.example", "http://app.example.com", "null"]
    {
        let res = client.get("/").header("origin", origin).send().await;
        res.assert_status(200).assert_header("vary", "Origin");
        assert_eq!(res.headers().get("access-control-allow-origin"), None, "{origin}");
        assert_eq!(res.headers().get("access-control-allow-credentials"), None, "{origin}");
    }
    client.get("/").send().await.assert_status(200).assert_header("vary", "Origin");
}

#[tokio::test]
async fn a_function_decides_by_the_origin() {
    let client = Client::new(app![Cors::matching(|origin| origin.ends_with(".example.com")), index]);
    client.get("/").header("origin", OURS).send().await.assert_header("access-control-allow-origin", OURS);
    let res = client.get("/").header("origin", "https://example.org").send().await;
    assert_eq!(res.headers().get("access-control-allow-origin"), None);
}

#[tokio::test]
async fn errors_have_the_headers_too() {
    let client = Client::new(app![Cors::origins([OURS]), fails]);
    for (path, status) in [("/fails", 429), ("/nowhere", 404)] {
        let res = client.get(path).header("origin", OURS).send().await;
        res.assert_status(status)
            .assert_header("access-control-allow-origin", OURS)
            .assert_header("vary", "Origin");
    }
}

#[tokio::test]
async fn a_preflight_is_answered_with_what_is_allowed() {
    let cors = Cors::origins([OURS]).max_age(Duration::from_secs(600));
    let client = Client::new(app![cors, index, own_options]);
    let res = client
        .request(Method::OPTIONS, "/")
        .header("origin", OURS)
        .header("access-control-request-method", "PUT")
        .header("access-control-request-headers", "x-token,content-type")
        .send()
        .await;
    res.assert_status(204)
        .assert_header("access-control-allow-origin", OURS)
        .assert_header("access-control-allow-methods", "GET,HEAD,PUT,PATCH,POST,DELETE")
        .assert_header("access-control-allow-headers", "x-token,content-type")
        .assert_header("access-control-max-age", "600")
        .assert_header("vary", "Origin, Access-Control-Request-Headers");
}

#[tokio::test]
async fn a_preflight_says_no_more_than_was_set() {
    let cors = Cors::any()
        .methods([Method::GET, Method::PUT])
        .allow_headers(["X-Token"])
        .expose_headers([HeaderName::from_static("x-total"), HeaderName::from_static("link")]);
    let client = Client::new(app![cors, index]);
    let res = client
        .request(Method::OPTIONS, "/")
        .header("origin", OURS)
        .header("access-control-request-method", "DELETE")
        .header("access-control-request-headers", "x-other")
        .send()
        .await;
    res.assert_status(204)
        .assert_header("access-control-allow-methods", "GET,PUT")
        .assert_header("access-control-allow-headers", "x-token");
    assert_eq!(res.headers().get("vary"), None::<&HeaderValue>);
    let res = client.get("/").header("origin", OURS).send().await;
    res.assert_header("access-control-expose-headers", "x-total,link");
}

#[tokio::test]
async fn an_empty_list_of_headers_is_not_reflected() {
    let client = Client::new(app![Cors::any(), index]);
    let res = client
        .request(Method::OPTIONS, "/")
        .header("origin", OURS)
        .header("access-control-request-method", "PUT")
        .header("access-control-request-headers", "")
        .send()
        .await;
    res.assert_status(204);
    assert_eq!(res.headers().get("access-control-allow-headers"), None::<&HeaderValue>);
}

#[tokio::test]
async fn options_that_is_no_preflight_goes_on() {
    let client = Client::new(app![Cors::any(), own_options]);
    let res = client.request(Method::OPTIONS, "/").header("origin", OURS).send().await;
    res.assert_status(200).assert_text("the route's own");
}

#[test]
fn what_is_not_an_origin_is_refused_when_the_layer_is_made() {
    for origin in
        ["app.example.com", "https://app.example.com/", "https://App.example.com", "https://", "*", ""]
    {
        let made = std::panic::catch_unwind(|| Cors::origins([origin]));
        assert!(made.is_err(), "{origin}");
    }
}

#[test]
#[should_panic(expected = "a name of a header for `Cors`: invalid HTTP header name")]
fn a_text_that_names_no_header_is_a_panic_when_the_app_is_built() {
    let _ = Cors::any().expose_headers(["x total"]);
}
