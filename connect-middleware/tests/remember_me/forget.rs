//! Browsers that are forgotten, and those that are not.

use crate::routes::{index, login, who};
use crate::site::{DAY, Site, page, post_to, set, ticket};
use crate::stores::FailingSessions;
use connect::testing::Client;
use connect::{Error, Next, Request, Response, Result, app, middleware, post};
use connect_middleware::session::{Session, Sessions, StoreFailure};
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

#[tokio::test]
async fn a_logout_forgets_the_browser() {
    let site = Site::new();
    let client = site.browser();
    post_to(&client, "/login/ann").await;
    let copy = ticket(&client);
    let res = post_to(&client, "/logout").await;
    assert_eq!((set(&res).as_deref(), client.cookie("remember")), (Some(""), None));
    assert_eq!((site.who_with(&copy).await.0.as_str(), site.probe.store.len()), ("nobody", 0));
    // As well if the request was signed in again itself.
    post_to(&client, "/login/ann").await;
    site.wait(2 * DAY);
    post_to(&client, "/logout").await;
    assert_eq!((page(&client, "/who").await.as_str(), site.probe.store.len()), ("nobody", 0));
    // To forget is no logout.
    post_to(&client, "/login/ann").await;
    post_to(&client, "/forget").await;
    assert_eq!((page(&client, "/me").await.as_str(), client.cookie("remember")), ("ann", None));
    assert!(site.probe.store.is_empty() && site.thefts.lock().unwrap().is_empty());
}

#[tokio::test]
async fn another_login_in_the_same_browser_forgets_who_was_remembered() {
    let site = Site::new();
    let client = site.browser();
    post_to(&client, "/login/ann").await;
    let first = ticket(&client);
    // The same principal again keeps it.
    post_to(&client, "/login-once/ann").await;
    assert_eq!(ticket(&client), first);
    post_to(&client, "/login-once/bob").await;
    assert_eq!((page(&client, "/me").await.as_str(), client.cookie("remember")), ("bob", None));
    site.wait(2 * DAY);
    assert_eq!(page(&client, "/who").await, "nobody");
    assert!(site.probe.store.is_empty());
    // A new series takes the place of the one that the browser had.
    for id in ["ann", "bob", "bob"] {
        post_to(&client, &format!("/login/{id}")).await;
        assert_eq!(site.probe.store.len(), 1);
    }
    site.wait(2 * DAY);
    assert_eq!(page(&client, "/me").await, "bob");
}

#[tokio::test]
async fn the_browsers_of_a_principal_are_forgotten_together() {
    let site = Site::new();
    let (one, two, bob) = (site.browser(), site.browser(), site.browser());
    post_to(&bob, "/login/bob").await;
    let login = async || {
        for client in [&one, &two] {
            post_to(client, "/login/ann").await;
        }
    };
    let who = async || {
        site.wait(2 * DAY);
        (page(&one, "/who").await, page(&two, "/who").await, page(&bob, "/who").await)
    };
    let is = |who: (String, String, String), ids: [&str; 3]| assert_eq!([&*who.0, &*who.1, &*who.2], ids);
    login().await;
    post_to(&one, "/elsewhere").await;
    is(who().await, ["ann", "nobody", "bob"]);
    login().await;
    post_to(&one, "/everywhere").await;
    is(who().await, ["nobody", "nobody", "bob"]);
    login().await;
    post_to(&bob, "/lock/ann").await;
    is(who().await, ["nobody", "nobody", "bob"]);
    assert!(site.thefts.lock().unwrap().is_empty());
}

#[tokio::test]
async fn who_may_no_longer_sign_in_is_forgotten() {
    let site = Site::new();
    let client = site.browser();
    post_to(&client, "/login/ann").await;
    site.locked.lock().unwrap().push("ann".to_owned());
    assert_eq!(page(&client, "/me").await, "ann", "the session is there");
    site.wait(2 * DAY);
    client.get("/me").send().await.assert_status(401);
    assert_eq!((client.cookie("remember"), site.probe.store.len()), (None, 0));
}

#[middleware]
async fn timeout(req: &mut Request, res: &mut Response, next: Next) -> Result {
    match tokio::time::timeout(Duration::from_secs(1), next.run(req, res)).await {
        Ok(done) => Ok(done),
        Err(_) => Err(Error::new(503, "timeout")),
    }
}

#[post("/logout-and-hang")]
async fn logout_and_hang(sessions: &Sessions) -> Result<&'static str> {
    sessions.logout().await?;
    std::future::pending().await
}

#[tokio::test(start_paused = true)]
async fn a_logout_in_a_handler_that_is_dropped_forgets_the_browser() {
    for has_timeout in [true, false] {
        let site = Site::new();
        let timeout = has_timeout.then_some(timeout);
        let session = Session::new(Arc::clone(&site.sessions)).clock(site.clock());
        let client = Client::new(app![timeout, session, site.layer(), login, logout_and_hang, who]);
        post_to(&client, "/login/ann").await;
        let sent = client.post("/logout-and-hang").send();
        match tokio::time::timeout(Duration::from_secs(5), sent).await {
            Ok(res) => assert_eq!((res.status().as_u16(), set(&res).as_deref()), (503, Some(""))),
            // The client left.
            Err(_) => assert!(!has_timeout),
        }
        // What is done without a client is done beside the requests.
        while !site.probe.store.is_empty() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        assert_eq!(page(&client, "/who").await, "nobody");
    }
}

#[tokio::test]
async fn a_failure_of_the_sessions_that_reads_as_nobody_is_no_logout() {
    for (wait, failing) in [(5, 1), (2 * DAY, 1), (2 * DAY, 2)] {
        let (site, sessions) = (Site::new(), Arc::new(FailingSessions::default()));
        let session = Session::new(Arc::clone(&sessions)).on_store_failure(StoreFailure::ReadDefaults);
        let client = Client::new(app![session.clock(site.clock()), site.layer(), login, index, who]);
        post_to(&client, "/login/ann").await;
        site.wait(wait);
        sessions.failing_load.store(failing, SeqCst);
        assert_eq!(page(&client, "/").await, "hello");
        assert_eq!(
            (sessions.failing_load.load(SeqCst) == 0, site.probe.store.len()),
            (true, 1),
            "{wait} {failing}"
        );
        assert!(client.cookie("remember").is_some());
        assert_eq!(page(&client, "/who").await, "ann");
    }
}
