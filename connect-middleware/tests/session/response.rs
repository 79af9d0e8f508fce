//! What becomes of a session and its cookie with each kind of response.

use std::sync::Arc;
use std::time::Duration;

use connect::testing::Client;
use connect::{Error, Next, Request, Response, Result, app, middleware, post};
use connect_middleware::session::{MemoryStore, Principal, Session, Sessions};

use crate::probe::{Probe, browser, page, post, probe};
use crate::routes::{routes, visit, who};

#[tokio::test]
async fn what_happens_after_a_change_does_not_undo_it() {
    let (probe, client) = probe();
    post(&client, "/fails").await.assert_status(418).assert_header("vary", "Cookie");
    post(&client, "/panics").await.assert_status(500);
    post(&client, "/visit").await.assert_text("3");
    let new = browser(&probe);
    post(&new, "/panics").await.assert_status(500);
    post(&new, "/visit").await.assert_text("2");
}

#[tokio::test]
async fn a_stream_can_change_a_session_and_not_begin_one() {
    let (probe, client) = probe();
    let text = "500: a session cannot begin or get a new token after the response head was sent";
    post(&client, "/stream").await.assert_status(200).assert_text(text).assert_no_header("set-cookie");
    assert_eq!(probe.store.len(), 0);
    post(&client, "/visit").await.assert_text("1");
    post(&client, "/stream").await.assert_status(200).assert_text("11");
    post(&client, "/visit").await.assert_text("12");
}

#[tokio::test]
async fn a_redirect_sees_what_was_changed_before_it() {
    let session = Session::new(MemoryStore::new());
    let client = Client::serve(routes(session)).await.unwrap();
    for (item, all) in [("a", "a"), ("b", "a,b"), ("c", "a,b,c")] {
        let res = post(&client, &format!("/cart/{item}")).await;
        res.assert_redirect("/cart");
        assert_eq!(page(&client, "/cart").await, all);
    }
    post(&client, "/save/all").await.assert_redirect("/messages");
    assert_eq!(page(&client, "/messages").await, "info: saved all;");
    assert_eq!(page(&client, "/messages").await, "");
}

#[tokio::test]
async fn a_route_costs_what_it_does() {
    let (probe, client) = probe();
    post(&client, "/cart/anvil").await.assert_status(303);
    assert_eq!(probe.calls(), "create 1;");
    assert_eq!(page(&client, "/").await, "hello");
    assert_eq!(probe.calls(), "", "a route that takes nothing of the session");
    assert_eq!(page(&client, "/cart").await, "anvil");
    assert_eq!(probe.calls(), "load 1;", "a route that reads");
    post(&client, "/leave").await.assert_text("1");
    assert_eq!(probe.calls(), "load 1;", "a change that changes nothing");
    post(&client, "/cart/rope").await.assert_status(303);
    assert_eq!(probe.calls(), "load 1;swap 1;", "a change");
    post(&client, "/login/ann/admin").await.assert_status(200);
    assert_eq!(probe.calls(), "load 1;rename 1;");
    post(&client, "/logout").await.assert_status(200);
    assert_eq!((probe.calls().as_str(), client.cookie("id")), ("remove 1;", None));
}

#[middleware]
async fn timeout(req: &mut Request, res: &mut Response, next: Next) -> Result {
    match tokio::time::timeout(Duration::from_secs(1), next.run(req, res)).await {
        Ok(done) => Ok(done),
        Err(_) => Err(Error::new(503, "timeout")),
    }
}

#[post("/login-and-hang")]
async fn login_and_hang(sessions: &Sessions) -> Result<&'static str> {
    sessions.login(Principal::new("ann")).await?;
    std::future::pending().await
}

#[post("/login")]
async fn login(sessions: &Sessions) -> Result<&'static str> {
    sessions.login(Principal::new("ann")).await?;
    Ok("welcome")
}

#[tokio::test(start_paused = true)]
async fn a_timeout_above_does_not_lose_the_cookie_of_a_login_that_was_stored() {
    for (delay, target) in [(None, "/login-and-hang"), (Some(3), "/login"), (Some(3), "/visit")] {
        for has_session in [false, true] {
            let probe = Arc::new(Probe::default());
            let session = Session::new(Arc::clone(&probe));
            let client = Client::new(app![timeout, session, login, login_and_hang, visit, who]);
            if has_session {
                post(&client, "/visit").await.assert_text("1");
            }
            // The store has the new token long before the handler knows, and the timeout comes in between.
            *probe.delay.lock().unwrap() = delay.map(Duration::from_secs);
            let is_login = target != "/visit";
            let is_late = is_login || !has_session;
            let res = post(&client, target).await;
            res.assert_status(if is_late { 503 } else { 200 });
            assert_eq!(res.header("set-cookie").is_some(), is_late, "{target} {has_session}");
            *probe.delay.lock().unwrap() = None;
            assert_eq!(page(&client, "/who").await, if is_login { "ann" } else { "nobody" });
            let visits = (1 + usize::from(has_session) + usize::from(!is_login)).to_string();
            post(&client, "/visit").await.assert_text(&visits);
            assert_eq!(probe.store.len(), 1);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_hangs_does_not_hold_up_a_response_for_longer_than_its_timeout() {
    let probe = Arc::new(Probe::default());
    *probe.delay.lock().unwrap() = Some(Duration::from_secs(60));
    let client = Client::new(app![timeout, Session::new(Arc::clone(&probe)), login]);
    let start = tokio::time::Instant::now();
    post(&client, "/login").await.assert_status(503).assert_no_header("set-cookie");
    assert_eq!(start.elapsed().as_secs(), 5);
}

/// An error of which the final handler cannot make a response: the server begins one anew.
#[derive(Debug)]
struct Unprintable;

impl std::fmt::Display for Unprintable {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        panic!("in the text of an error")
    }
}

impl std::error::Error for Unprintable {}

/// Signs in, and then answers in one of many ways.
#[post("/as/:kind")]
async fn login_and(sessions: &Sessions, kind: String, res: &mut Response) -> Result {
    sessions.login(Principal::new("ann")).await?;
    match &*kind {
        "text" => res.text("welcome"),
        "status" => res.status(202).end(""),
        "redirect" => res.redirect("/who"),
        "stream" => res.stream(futures_util::stream::iter([Ok::<_, std::io::Error>("wel"), Ok("come")])),
        "error" => Err(Error::new(418, "after the login")),
        "panic" => panic!("after the login"),
        "unprintable" => Err(Error::from(Unprintable)),
        "late" => {
            for _ in 0..100 {
                tokio::task::yield_now().await;
            }
            res.text("late")
        }
        _ => Err(Error::new(404, "no such kind")),
    }
}

#[middleware]
async fn above(req: &mut Request, res: &mut Response, next: Next) -> Result {
    let fails = req.uri().query().map(str::to_owned);
    let done = next.run(req, res).await;
    match fails.as_deref() {
        Some("above=error") => Err(Error::new(500, "above")),
        Some("above=panic") => panic!("above"),
        _ => Ok(done),
    }
}

#[tokio::test]
async fn the_cookie_arrives_with_every_kind_of_response() {
    for (target, status) in [
        ("/as/text", 200),
        ("/as/status", 202),
        ("/as/redirect", 302),
        ("/as/stream", 200),
        ("/as/error", 418),
        ("/as/panic", 500),
        ("/as/unprintable", 500),
        ("/as/late", 200),
        ("/as/nothing", 404),
        ("/as/text?above=error", 500),
        ("/as/text?above=panic", 500),
    ] {
        let app = app![above, Session::new(MemoryStore::new()), login_and, who];
        let client = Client::serve(app).await.unwrap();
        let res = post(&client, target).await;
        res.assert_status(status).assert_header("cache-control", "private");
        let cookies = res.headers().get_all("set-cookie").iter().count();
        assert_eq!(cookies, 1, "{target}");
        assert!(res.header("vary").is_some_and(|vary| vary.contains("Cookie")), "{target}");
        assert_eq!(page(&client, "/who").await, "ann", "{target}");
    }
}

#[middleware]
fn says(req: &mut Request, res: &mut Response, next: Next) -> Result {
    let said = req.uri().query().unwrap_or_default().to_owned();
    res.set("cache-control", said);
    next.pass()
}

#[tokio::test]
async fn no_shared_cache_is_told_to_store_a_response_with_a_new_cookie() {
    for (said, sent) in [
        ("public,max-age=60", "private"),
        ("max-age=60,s-maxage=600", "private"),
        ("max-age=60,Public", "private"),
        ("no-store", "no-store"),
        ("private,max-age=60", "private,max-age=60"),
    ] {
        let client = Client::new(app![says, Session::new(MemoryStore::new()), login_and, who]);
        post(&client, &format!("/as/text?{said}")).await.assert_header("cache-control", sent);
        // Without a new cookie, it stays.
        client.get(&format!("/who?{said}")).send().await.assert_header("cache-control", said);
    }
}

/// A layer above that keeps responses has to see that they are of one client.
#[middleware]
async fn looks(req: &mut Request, res: &mut Response, next: Next) -> Result {
    let done = next.run(req, res).await;
    let headers = res.headers();
    let seen = ["vary", "cache-control", "set-cookie"].map(|name| u8::from(headers.contains_key(name)));
    res.set("x-seen", format!("{seen:?}"));
    Ok(done)
}

#[tokio::test]
async fn layers_above_see_the_headers_of_the_session() {
    let client = Client::new(app![looks, Session::new(MemoryStore::new()), login, who]);
    client.get("/who").send().await.assert_header("x-seen", "[1, 0, 0]");
    post(&client, "/login").await.assert_header("x-seen", "[1, 1, 1]");
}
