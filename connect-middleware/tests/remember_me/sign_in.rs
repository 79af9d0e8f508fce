//! Browsers that are signed in again.

use crate::log;
use crate::routes::index;
use crate::site::{DAY, Site, page, post_to, set, ticket};
use connect::testing::Client;
use connect::{Next, Request, Response, Result, TrustProxy, app, middleware};
use connect_middleware::session::{Session, Sessions};
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

#[tokio::test]
async fn a_browser_whose_session_has_ended_is_signed_in_again_with_a_new_token() {
    let site = Site::new();
    let client = site.browser();
    post_to(&client, "/login/ann").await.assert_text("true");
    let first = ticket(&client);
    assert_eq!(page(&client, "/me").await, "ann");
    assert_eq!(ticket(&client), first, "a session is there, and no token is used");
    site.wait(2 * DAY);
    assert_eq!(page(&client, "/me").await, "ann");
    let second = ticket(&client);
    let series = |ticket: &str| ticket.split(':').next().unwrap().to_owned();
    assert!(first != second && series(&first) == series(&second), "{first} {second}");
    assert_eq!(page(&client, "/me").await, "ann");
    assert_eq!((ticket(&client), site.finds.load(SeqCst)), (second, 1));
    // Each time anew, and each time for as long.
    for _ in 0..3 {
        site.wait(29 * DAY);
        assert_eq!(page(&client, "/who").await, "ann");
    }
    site.wait(31 * DAY);
    assert_eq!((page(&client, "/who").await.as_str(), client.cookie("remember")), ("nobody", None));
}

#[tokio::test]
async fn without_the_cookie_nothing_is_read_and_nobody_is_signed_in() {
    let site = Site::new();
    let client = site.browser();
    client.get("/").send().await.assert_no_header("set-cookie").assert_no_header("vary");
    post_to(&client, "/login-once/ann").await;
    assert_eq!((site.probe.calls.load(SeqCst), client.cookie("remember")), (0, None));
    site.wait(2 * DAY);
    assert_eq!(page(&client, "/who").await, "nobody");
    client.get("/me").send().await.assert_status(401);
    client.post("/remember").send().await.assert_status(500);
    assert_eq!((site.probe.calls.load(SeqCst), site.probe.store.len()), (0, 0));
}

#[tokio::test]
async fn the_new_token_is_sent_whatever_the_response_is() {
    let site = Site::new();
    let client = site.browser();
    post_to(&client, "/login/ann").await;
    for (target, status) in [("/fails", 418), ("/none", 404), ("/", 200)] {
        site.wait(2 * DAY);
        let before = ticket(&client);
        let res = client.get(target).send().await;
        res.assert_status(status).assert_header("cache-control", "private");
        assert!(set(&res).is_some_and(|set| set == ticket(&client) && set != before), "{target}");
    }
    assert_eq!(page(&client, "/me").await, "ann");
}

#[tokio::test]
async fn a_failure_leaves_the_cookie_for_the_next_request() {
    let (log, _guard) = log::log();
    let site = Site::new();
    let client = site.browser();
    post_to(&client, "/login/ann").await;
    let before = ticket(&client);
    site.wait(2 * DAY);
    site.probe.is_down.store(true, SeqCst);
    assert_eq!(page(&client, "/").await, "hello");
    client.get("/me").send().await.assert_status(401).assert_no_header("set-cookie");
    assert_eq!((ticket(&client), log.take().len()), (before, 2));
    client.post("/login/ann").send().await.assert_status(503);
    site.probe.is_down.store(false, SeqCst);
    client.clear_cookies();
    post_to(&client, "/login/broken").await;
    site.wait(2 * DAY);
    let before = ticket(&client);
    log.take();
    assert_eq!(page(&client, "/who").await, "nobody");
    assert_eq!((ticket(&client), log.take().len()), (before, 1));
}

#[tokio::test]
async fn a_browser_is_not_remembered_after_the_head_was_sent() {
    let site = Site::new();
    let client = site.browser();
    let res = client.post("/stream").send().await;
    res.assert_text("a browser cannot be remembered after the response head was sent");
    assert_eq!((client.cookie("remember"), site.probe.store.len()), (None, 0));
}

#[tokio::test]
async fn the_attributes_are_those_that_were_set() {
    let site = Site::new();
    for (layer, scheme, name, attributes) in [
        (site.layer(), "http", "remember", "HttpOnly; SameSite=Lax; Path=/; Max-Age=2592000"),
        (site.layer(), "https", "__Host-remember", "HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=2592000"),
        (
            site.layer().path("/login").max_age(Duration::from_secs(60)),
            "https",
            "__Secure-remember",
            "HttpOnly; SameSite=Lax; Secure; Path=/login; Max-Age=60",
        ),
        (
            site.layer().name("stay").secure(false).same_site(connect::cookie::SameSite::Strict),
            "https",
            "stay",
            "HttpOnly; SameSite=Strict; Path=/; Max-Age=2592000",
        ),
    ] {
        let client = Client::new(site.app(layer).trust_proxy(TrustProxy::all()));
        let res = client.post("/login/ann").header("x-forwarded-proto", scheme).send().await;
        let lines = res.headers().get_all("set-cookie").iter().map(|line| line.to_str().unwrap());
        let start = format!("{name}=");
        let line = lines.into_iter().find(|line| line.starts_with(&start)).unwrap();
        let rest = line.split_once("; ").unwrap().1;
        assert_eq!(rest.split("; Expires=").next().unwrap(), attributes);
    }
}

#[tokio::test]
async fn expired_series_are_swept() {
    let site = Site::new();
    for _ in 0..3 {
        post_to(&site.browser(), "/login/ann").await;
    }
    assert_eq!(site.probe.store.len(), 3);
    site.wait(31 * DAY);
    post_to(&site.browser(), "/login/ann").await;
    // Beside the request.
    while site.probe.store.len() > 1 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_started_app_sweeps_expired_series_without_a_request() {
    let site = Site::new();
    for _ in 0..3 {
        post_to(&site.browser(), "/login/ann").await;
    }
    site.wait(31 * DAY);
    let started = site.app(site.layer()).start().await.unwrap();
    while !site.probe.store.is_empty() {
        tokio::task::yield_now().await;
    }
    started.shutdown(Duration::from_secs(5)).await;
}

#[tokio::test]
async fn the_layers_below_see_who_was_signed_in_again() {
    #[middleware]
    async fn note(req: &mut Request, res: &mut Response, next: Next) -> Result {
        let sessions = req.provided::<Sessions>().unwrap().clone();
        let who = sessions.principal().await?.map_or("nobody".to_owned(), |who| who.id().to_owned());
        res.set("x-who", who);
        next.pass()
    }
    let site = Site::new();
    let client = site.browser();
    post_to(&client, "/login/ann").await;
    let cookie = ticket(&client);
    site.wait(2 * DAY);
    let session = Session::new(Arc::clone(&site.sessions)).clock(site.clock());
    let below = Client::new(app![session, site.layer(), note, index]);
    below.get("/").cookie("remember", &cookie).send().await.assert_header("x-who", "ann");
}
