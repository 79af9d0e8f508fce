//! Stores that fail, and changes that do.

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

use connect::testing::Client;
use connect::{app, get, guard};
use connect_middleware::session::{MemoryStore, Principal, Session, StoreFailure, require_login};

use crate::probe::{Probe, browser, page, post, probe, token};
use crate::routes::{cart, login, routes, visit, who};

#[tokio::test]
async fn a_store_that_is_down_is_a_503_and_nothing_is_lost() {
    let (probe, client) = probe();
    post(&client, "/login/ann/user").await.assert_status(200);
    post(&client, "/cart/anvil").await.assert_status(303);
    let before = token(&client);
    probe.is_down.store(true, SeqCst);
    for target in ["/cart", "/who", "/messages"] {
        let res = client.get(target).send().await;
        res.assert_status(503).assert_text("sorry: the session store failed").assert_no_header("set-cookie");
    }
    for target in ["/cart/rope", "/visit", "/login/ann/admin", "/logout", "/logout-everywhere", "/lock/ann"] {
        let res = post(&client, target).await;
        res.assert_status(503).assert_text("sorry: the session store failed").assert_no_header("set-cookie");
    }
    // A visitor without a session needs the store only for a change.
    let visitor = browser(&probe);
    assert_eq!(page(&visitor, "/cart").await, "");
    post(&visitor, "/visit").await.assert_status(503).assert_no_header("set-cookie");
    // What does not use the session goes on.
    assert_eq!(page(&client, "/").await, "hello");
    probe.is_down.store(false, SeqCst);
    assert_eq!((page(&client, "/who").await, page(&client, "/cart").await), ("ann".into(), "anvil".into()));
    assert_eq!(token(&client), before);
}

#[tokio::test]
async fn reading_routes_can_go_on_without_the_store() {
    #[get("/account")]
    fn account(principal: &Principal) -> String {
        principal.id().to_owned()
    }
    let probe = Arc::new(Probe::default());
    let session = Session::new(Arc::clone(&probe)).on_store_failure(StoreFailure::ReadDefaults);
    let client = Client::new(app![session, cart, who, visit, login, guard![require_login() => account]]);
    post(&client, "/login/ann/user").await.assert_status(200);
    probe.is_down.store(true, SeqCst);
    assert_eq!((page(&client, "/who").await, page(&client, "/cart").await), ("nobody".into(), String::new()));
    post(&client, "/visit").await.assert_status(503).assert_no_header("set-cookie");
    // Not a 401: she is signed in.
    client.get("/account").send().await.assert_status(503);
    probe.is_down.store(false, SeqCst);
    assert_eq!((page(&client, "/who").await, page(&client, "/account").await), ("ann".into(), "ann".into()));
}

#[tokio::test(start_paused = true)]
async fn a_store_that_hangs_has_failed_after_a_while() {
    let (probe, client) = probe();
    post(&client, "/visit").await.assert_text("1");
    probe.hangs.store(true, SeqCst);
    let start = tokio::time::Instant::now();
    post(&client, "/visit").await.assert_status(503);
    assert_eq!(start.elapsed().as_secs(), 5);
}

#[tokio::test]
async fn a_change_that_fails_changes_nothing() {
    let (probe, client) = probe();
    post(&client, "/take").await.assert_status(422);
    assert_eq!((client.cookie("id"), probe.store.len()), (None, 0));
    for item in ["a", "b"] {
        post(&client, &format!("/cart/{item}")).await.assert_status(303);
    }
    post(&client, "/take").await.assert_status(200).assert_text("a");
    post(&client, "/empty").await.assert_status(200);
    assert_eq!(page(&client, "/cart").await, "");
    post(&client, "/take").await.assert_status(422);
    assert_eq!(page(&client, "/cart").await, "");
}

#[tokio::test]
async fn a_part_that_is_too_large_or_of_another_type_is_an_error() {
    let client = Client::new(routes(Session::new(MemoryStore::new()).part_limit(40)));
    post(&client, "/cart/short").await.assert_status(303);
    let res = post(&client, &format!("/cart/{}", "long".repeat(10))).await;
    res.assert_status(413);
    res.assert_text("sorry: the part `cart` of the session would have 62 bytes, and at most 40 are allowed");
    assert_eq!(page(&client, "/cart").await, "short");
    let res = post(&client, "/other").await;
    res.assert_status(500);
    res.assert_text("sorry: the part `cart` of the session cannot be read or written as its type");
    post(&client, "/empty").await.assert_status(200);
    post(&client, "/other").await.assert_text("0");
}
