//! Requests of one session at the same time.

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

use connect::testing::Client;
use connect::{Next, Result, app, middleware, post};
use connect_middleware::session::{Login, Session, Sessions};
use tokio::sync::Semaphore;

use crate::probe::{Probe, page, page_with, post, probe, token};
use crate::routes::{Cart, Visits};

#[tokio::test]
async fn two_tabs_lose_nothing() {
    let (probe, client) = probe();
    post(&client, "/visit").await.assert_text("1");
    probe.calls();
    // Eight changes have read the same version before the first of them is stored.
    let gate = Arc::new(Semaphore::new(0));
    *probe.gate.lock().unwrap() = Some(Arc::clone(&gate));
    let tabs: Vec<_> = (0..8)
        .map(|tab| {
            let client = client.clone();
            tokio::spawn(async move {
                let target = if tab % 2 == 0 { "/visit".to_owned() } else { format!("/cart/{tab}") };
                post(&client, &target).await.status()
            })
        })
        .collect();
    while probe.at_gate.load(SeqCst) < 8 {
        tokio::task::yield_now().await;
    }
    gate.add_permits(1000);
    for tab in tabs {
        assert!(matches!(tab.await.unwrap().as_u16(), 200 | 303));
    }
    post(&client, "/visit").await.assert_text("6");
    let cart = page(&client, "/cart").await;
    let mut items: Vec<&str> = cart.split(',').collect();
    items.sort_unstable();
    assert_eq!(items, ["1", "3", "5", "7"]);
    assert_eq!(probe.store.len(), 1);
}

#[tokio::test]
async fn a_part_in_constant_change_is_a_503_in_the_end() {
    let (probe, client) = probe();
    post(&client, "/visit").await.assert_text("1");
    let gate = Arc::new(Semaphore::new(0));
    *probe.gate.lock().unwrap() = Some(Arc::clone(&gate));
    let slow = tokio::spawn({
        let client = client.clone();
        async move { post(&client, "/visit").await }
    });
    for turn in 1..=32 {
        while probe.at_gate.load(SeqCst) < turn {
            tokio::task::yield_now().await;
        }
        // Another request is faster each time.
        *probe.gate.lock().unwrap() = None;
        post(&client, "/visit").await.assert_status(200);
        *probe.gate.lock().unwrap() = Some(Arc::clone(&gate));
        gate.add_permits(1);
    }
    let res = slow.await.unwrap();
    res.assert_status(503);
    res.assert_text("sorry: too many requests changed the part `visits` of one session at the same time");
    *probe.gate.lock().unwrap() = None;
    post(&client, "/visit").await.assert_text("34");
}

#[tokio::test]
async fn a_slow_save_does_not_bring_back_what_a_logout_has_ended() {
    for end in ["/logout", "/logout-everywhere", "/lock/ann", "/login/ann/admin"] {
        let (probe, client) = probe();
        post(&client, "/cart/anvil").await.assert_status(303);
        post(&client, "/login/ann/user").await.assert_status(200);
        let old = token(&client);
        let gate = Arc::new(Semaphore::new(0));
        *probe.gate.lock().unwrap() = Some(Arc::clone(&gate));
        let slow = tokio::spawn({
            let client = client.clone();
            async move { post(&client, "/cart/rope").await }
        });
        while probe.at_gate.load(SeqCst) == 0 {
            tokio::task::yield_now().await;
        }
        post(&client, end).await.assert_status(200);
        let now = client.cookie("id");
        gate.add_permits(10);
        let res = slow.await.unwrap();
        res.assert_status(409).assert_text("sorry: the session ended while the request was using it");
        // The cookie is that of the other tab.
        res.assert_no_header("set-cookie");
        assert_eq!(client.cookie("id"), now, "{end}");
        assert_eq!(page_with(&probe, &old, "/who").await, "nobody", "{end}");
        assert_eq!(page_with(&probe, &old, "/cart").await, "", "{end}");
        assert_eq!(probe.store.len(), usize::from(end.starts_with("/login")), "{end}");
    }
}

#[tokio::test]
async fn two_changes_of_one_request_begin_one_session() {
    #[post("/both")]
    async fn both(sessions: &Sessions) -> Result<String> {
        let item = |cart: &mut Cart| cart.items.push("a".to_owned());
        let (visits, cart) =
            tokio::join!(sessions.change::<Visits>(|visits| visits.0 += 1), sessions.change(item));
        let login: Login = sessions.get().await?;
        assert!(login.principal().is_none());
        Ok(format!("{} {}", visits?.0, cart?.items.len()))
    }
    #[middleware]
    async fn first(sessions: &Sessions, next: Next) -> Result {
        sessions.change::<Visits>(|visits| visits.0 += 1).await?;
        next.pass()
    }
    let probe = Arc::new(Probe::default());
    let client = Client::new(app![Session::new(Arc::clone(&probe)), first, both]);
    post(&client, "/both").await.assert_text("2 1");
    post(&client, "/both").await.assert_text("4 2");
    assert_eq!(probe.store.len(), 1);
}

#[tokio::test]
async fn a_message_is_read_once_and_the_latest_are_kept() {
    let (probe, client) = probe();
    for number in 0..40 {
        post(&client, &format!("/save/{number}")).await.assert_status(303);
    }
    let gate = Arc::new(Semaphore::new(0));
    *probe.gate.lock().unwrap() = Some(Arc::clone(&gate));
    let tabs: Vec<_> = (0..4)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { page(&client, "/messages").await })
        })
        .collect();
    while probe.at_gate.load(SeqCst) < 4 {
        tokio::task::yield_now().await;
    }
    gate.add_permits(100);
    let mut read = Vec::new();
    for tab in tabs {
        read.push(tab.await.unwrap());
    }
    read.retain(|text| !text.is_empty());
    let expected: String = (8..40).map(|number| format!("info: saved {number};")).collect();
    assert_eq!(read, [expected]);
}
