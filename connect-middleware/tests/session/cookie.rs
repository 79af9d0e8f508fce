//! The cookie of a session.

use std::time::Duration;

use connect::testing::Client;
use connect::{TrustProxy, app};
use connect_middleware::session::{MemoryStore, Session};

use crate::log;
use crate::probe::{browser, page, page_with, post, probe, token};
use crate::routes::{add, index, logout};

#[tokio::test]
async fn the_attributes_of_the_cookie() {
    let plain = |value: &str| {
        let (token, attributes) = value.split_once("; ").unwrap();
        let (name, token) = token.split_once('=').unwrap();
        // The date changes.
        let attributes: Vec<&str> = attributes.split("; ").filter(|it| !it.starts_with("Expires=")).collect();
        (name.to_owned(), token.len(), attributes.join("; "))
    };
    let lax = "HttpOnly; SameSite=Lax";
    let set = async |session: Session, scheme: &str| {
        let app = app![session, add, logout].trust_proxy(TrustProxy::all());
        let client = Client::new(app);
        let res = client.post("/cart/a").header("x-forwarded-proto", scheme).send().await;
        res.assert_status(303)
            .assert_header("cache-control", "private")
            .assert_header("vary", "Accept, Cookie");
        let set = plain(res.header("set-cookie").unwrap());
        let res = client.post("/logout").header("x-forwarded-proto", scheme).send().await;
        let cleared = res.header("set-cookie").unwrap();
        let (name, length, attributes) = plain(cleared);
        let expected = set.2.replace("; Max-Age=2592000", "").replace("; Max-Age=60", "");
        assert_eq!((name, length, attributes), (set.0.clone(), 0, expected));
        assert!(cleared.ends_with("; Expires=Thu, 01 Jan 1970 00:00:00 GMT"), "{cleared}");
        set
    };
    let new = || Session::new(MemoryStore::new());
    for (session, scheme, name, attributes) in [
        (new(), "https", "__Host-id", format!("{lax}; Secure; Path=/; Max-Age=2592000")),
        (new(), "http", "id", format!("{lax}; Path=/; Max-Age=2592000")),
        (new().path("/cart"), "https", "__Secure-id", format!("{lax}; Secure; Path=/cart; Max-Age=2592000")),
        (new().secure(true), "http", "__Host-id", format!("{lax}; Secure; Path=/; Max-Age=2592000")),
        (new().secure(false), "https", "id", format!("{lax}; Path=/; Max-Age=2592000")),
        (new().name("__Host-s"), "http", "__Host-s", format!("{lax}; Secure; Path=/; Max-Age=2592000")),
        (
            new().name("sid").same_site(connect::cookie::SameSite::Strict).persistent(false),
            "https",
            "sid",
            "HttpOnly; SameSite=Strict; Secure; Path=/".to_owned(),
        ),
        (new().absolute(Duration::from_secs(60)), "http", "id", format!("{lax}; Path=/; Max-Age=60")),
    ] {
        if attributes.contains("Path=/cart") {
            // Its cookie does not come to `/logout`.
            let client = Client::new(app![session, add].trust_proxy(TrustProxy::all()));
            let res = client.post("/cart/a").header("x-forwarded-proto", scheme).send().await;
            assert_eq!(plain(res.header("set-cookie").unwrap()), (name.to_owned(), 43, attributes));
            continue;
        }
        assert_eq!(set(session, scheme).await, (name.to_owned(), 43, attributes));
    }
}

#[test]
fn a_cookie_that_browsers_refuse_is_refused_when_the_layer_is_made() {
    let new = || Session::new(MemoryStore::new());
    for session in [
        || Session::new(MemoryStore::new()).name(""),
        || Session::new(MemoryStore::new()).name("a b"),
        || Session::new(MemoryStore::new()).name("a=b"),
        || Session::new(MemoryStore::new()).name("__Host-a").secure(false),
        || Session::new(MemoryStore::new()).name("__host-a").path("/a"),
        || Session::new(MemoryStore::new()).same_site(connect::cookie::SameSite::None).secure(false),
    ] {
        assert!(std::panic::catch_unwind(move || app![session(), index]).is_err());
    }
    let _app = app![new().name("__Secure-a").path("/a"), index];
}

#[tokio::test]
async fn a_token_of_the_clients_own_choosing_never_becomes_a_session() {
    let (probe, client) = probe();
    let chosen = "A".repeat(43);
    for made_up in [&*chosen, "x", "", "../../etc/passwd", "%00"] {
        let other = browser(&probe);
        let res = other.post("/cart/a").cookie("id", made_up).send().await;
        res.assert_status(303);
        let given = token(&other);
        assert_ne!(given, made_up);
        assert_eq!(page_with(&probe, made_up, "/cart").await, "");
        let other = browser(&probe);
        other.post("/login/ann/user").cookie("id", made_up).send().await.assert_status(200);
        assert_ne!(token(&other), made_up);
        assert_eq!(page_with(&probe, made_up, "/who").await, "nobody");
    }
    // Nor does one that has expired or was ended.
    post(&client, "/login/ann/user").await.assert_status(200);
    let old = token(&client);
    post(&client, "/logout").await.assert_status(200);
    let other = browser(&probe);
    other.post("/cart/a").cookie("id", &old).send().await.assert_status(303);
    assert_ne!(token(&other), old);
    assert_eq!(page_with(&probe, &old, "/cart").await, "");
}

#[tokio::test]
async fn a_visitor_without_data_gets_no_cookie_and_nothing_is_stored() {
    let (probe, client) = probe();
    for _ in 0..2 {
        assert_eq!(page(&client, "/").await, "hello");
        assert_eq!(page(&client, "/cart").await, "");
        assert_eq!(page(&client, "/messages").await, "");
        post(&client, "/leave").await.assert_status(200).assert_no_header("set-cookie");
        post(&client, "/empty").await.assert_status(200).assert_no_header("set-cookie");
        post(&client, "/logout").await.assert_status(200).assert_no_header("set-cookie");
        post(&client, "/logout-everywhere").await.assert_status(200).assert_no_header("set-cookie");
    }
    assert_eq!((probe.calls().as_str(), probe.store.len(), client.cookie("id")), ("", 0, None));
}

#[tokio::test]
async fn a_cookie_that_cannot_arrive_is_one_warning() {
    let new = || Session::new(MemoryStore::new());
    for (session, scheme, warning) in [
        (new(), "http", None),
        (
            new().secure(true),
            "http",
            Some("the cookie `__Host-id` is `Secure`, and this request came over http"),
        ),
        (
            new().same_site(connect::cookie::SameSite::None),
            "http",
            Some("the cookie `id` is `SameSite=None`, and this request came over http"),
        ),
        (
            new(),
            "https",
            Some(
                "the cookie `id` is sent without `Secure`, although a proxy says that a request came over https",
            ),
        ),
    ] {
        let (log, _guard) = log::log();
        let client = Client::new(app![session, index]);
        for _ in 0..3 {
            client.get("/").header("x-forwarded-proto", scheme).send().await.assert_status(200);
        }
        let lines = log.take();
        assert_eq!(lines.len(), usize::from(warning.is_some()), "{lines:?}");
        assert!(lines.iter().all(|line| line.starts_with(warning.unwrap())), "{lines:?}");
    }
}

#[tokio::test]
async fn a_health_check_first_does_not_hide_that_the_proxy_is_not_trusted() {
    let (log, _guard) = log::log();
    let client = Client::new(app![Session::new(MemoryStore::new()), index, add]);
    client.get("/").send().await.assert_status(200);
    for _ in 0..3 {
        client.post("/cart/a").header("x-forwarded-proto", "https").send().await.assert_status(303);
    }
    let lines = log.take();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].starts_with("the cookie `id` is sent without `Secure`"), "{lines:?}");
}

#[tokio::test]
async fn the_cookie_is_read_however_the_client_sends_it() {
    let (probe, client) = probe();
    post(&client, "/cart/anvil").await.assert_status(303);
    let token = token(&client);
    let cases = [
        (vec![format!("id={token}")], "anvil"),
        (vec![format!("a=1; id={token}; b=2")], "anvil"),
        (vec![format!("id=\"{token}\"")], "anvil"),
        // HTTP/2 sends a header for each.
        (vec!["a=1".to_owned(), format!("id={token}")], "anvil"),
        // The first of several counts.
        (vec![format!("id={token}; id=x")], "anvil"),
        (vec![format!("id=x; id={token}")], ""),
        (vec![format!("ID={token}; xid={token}")], ""),
    ];
    for (lines, text) in cases {
        let browser = browser(&probe);
        let mut req = browser.get("/cart");
        for line in &lines {
            req = req.header("cookie", line.as_str());
        }
        req.send().await.assert_text(text);
    }
}

#[tokio::test]
async fn another_cookie_that_is_no_ascii_does_not_hide_the_session() {
    let (probe, client) = probe();
    post(&client, "/cart/anvil").await.assert_status(303);
    let token = token(&client);
    for other in ["name=José".as_bytes(), b"name=Jos\xe9"] {
        let line = [other, b"; id=", token.as_bytes()].concat();
        let line = connect::http::HeaderValue::from_bytes(&line).unwrap();
        browser(&probe).get("/cart").header("cookie", line).send().await.assert_text("anvil");
    }
}
