//! Requests that pages of this site and of others send.

use connect::testing::Client;
use connect::{Form, Response, TrustProxy, app, get, post};
use connect_middleware::csrf::Csrf;
use http::Method;
use std::collections::HashMap;

#[get("/")]
fn index() -> &'static str {
    "hello"
}

#[post("/")]
fn change() -> &'static str {
    "changed"
}

#[post("/form")]
fn form(Form(form): Form<HashMap<String, String>>) -> String {
    form["name"].clone()
}

#[tokio::test]
async fn what_a_browser_says_decides() {
    let client = Client::new(app![Csrf::new().trust(["https://login.example.com"]), index, change]);
    for (headers, status) in [
        (&[("sec-fetch-site", "same-origin")][..], 200),
        (&[("sec-fetch-site", "none")], 200),
        (&[("sec-fetch-site", "same-site")], 403),
        (&[("sec-fetch-site", "cross-site")], 403),
        (&[("sec-fetch-site", "Same-Origin")], 403),
        (&[("sec-fetch-site", "")], 403),
        (&[("sec-fetch-site", "cross-site"), ("origin", "https://login.example.com")], 200),
        (&[("sec-fetch-site", "cross-site"), ("origin", "https://example.com")], 403),
        // Some privacy settings send no origin, or `null`.
        (&[("sec-fetch-site", "same-origin"), ("origin", "null")], 200),
        (&[("origin", "https://example.com")], 200),
        (&[("origin", "http://EXAMPLE.com")], 200),
        (&[("origin", "https://example.com:8443")], 403),
        (&[("origin", "https://example.com.evil.example")], 403),
        (&[("origin", "https://evil.example")], 403),
        (&[("origin", "null")], 403),
        (&[("origin", "")], 403),
        (&[], 200),
    ] {
        let mut req = client.post("/").header("host", "example.com");
        for (name, value) in headers {
            req = req.header(*name, *value);
        }
        let res = req.send().await;
        assert_eq!(res.status(), status, "{headers:?}");
    }
}

#[tokio::test]
async fn of_two_headers_none_says_anything() {
    for (name, first, second) in [
        ("sec-fetch-site", "cross-site", "same-origin"),
        ("sec-fetch-site", "same-origin", "cross-site"),
        ("origin", "https://evil.example", "https://example.com"),
        ("origin", "https://example.com", "https://evil.example"),
    ] {
        let req =
            http::Request::post("/").header("host", "example.com").header(name, first).header(name, second);
        let mut res = Response::new();
        let _ = app![Csrf::new(), change].run(&mut req.body("").unwrap().into(), &mut res).await;
        assert_eq!(res.status_code(), 403, "{name}: {first}, {second}");
    }
}

#[tokio::test]
async fn methods_that_change_nothing_pass() {
    let client = Client::new(app![Csrf::new(), index]);
    for method in [Method::GET, Method::HEAD, Method::OPTIONS] {
        let res = client.request(method, "/").header("sec-fetch-site", "cross-site").send().await;
        res.assert_status(200);
    }
    for method in [Method::PUT, Method::DELETE, Method::PATCH] {
        let res = client.request(method, "/").header("sec-fetch-site", "cross-site").send().await;
        res.assert_status(403);
    }
}

#[tokio::test]
async fn exempt_requests_pass_and_forms_stay_readable() {
    let csrf = Csrf::new().exempt(|req| req.path() == "/form");
    let client = Client::new(app![csrf, change, form]);
    let res = client
        .post("/form")
        .header("sec-fetch-site", "cross-site")
        .header("content-type", "application/x-www-form-urlencoded")
        .body("name=tobi")
        .send()
        .await;
    res.assert_status(200).assert_text("tobi");
    client.post("/").header("sec-fetch-site", "cross-site").send().await.assert_status(403);
}

#[tokio::test]
async fn behind_a_trusted_proxy_the_host_is_what_the_browser_asked_for() {
    let app = || app![Csrf::new(), change];
    let ask = |client: Client| async move {
        let req = client.post("/").header("host", "10.0.0.1").header("x-forwarded-host", "example.com");
        req.header("origin", "https://example.com").send().await.status()
    };
    assert_eq!(ask(Client::new(app())).await, 403);
    assert_eq!(ask(Client::new(app().trust_proxy(TrustProxy::hops(1)))).await, 200);
}
