//! Tokens that are used a second time.

use crate::log;
use crate::site::{DAY, Site, page, post_to, set, ticket};
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use tokio::sync::Barrier;

#[tokio::test]
async fn an_old_token_ends_all_sessions_and_series_of_its_owner() {
    let (log, _guard) = log::log();
    let site = Site::new();
    let (victim, other, bob) = (site.browser(), site.browser(), site.browser());
    post_to(&victim, "/login/ann").await;
    post_to(&other, "/login/ann").await;
    post_to(&bob, "/login/bob").await;
    let stolen = ticket(&victim);
    site.wait(2 * DAY);
    // The thief is faster.
    let thief = site.browser();
    thief.get("/me").cookie("remember", &stolen).send().await.assert_text("ann");
    for client in [&other, &bob] {
        client.get("/me").send().await.assert_status(200);
    }
    site.wait(61);
    assert!(site.thefts.lock().unwrap().is_empty() && log.take().is_empty());
    assert_eq!(page(&victim, "/who").await, "nobody");
    assert_eq!(*site.thefts.lock().unwrap(), ["ann"]);
    let lines = log.take();
    assert!(lines.len() == 1 && lines[0].starts_with("an old token of a remembered browser"), "{lines:?}");
    assert_eq!(victim.cookie("remember"), None);
    for client in [&thief, &other, &victim] {
        assert_eq!((page(client, "/who").await.as_str(), client.cookie("remember")), ("nobody", None));
    }
    // Of the others nothing is lost, and one theft is one event.
    assert_eq!(page(&bob, "/me").await, "bob");
    assert_eq!((site.probe.store.len(), site.thefts.lock().unwrap().len()), (1, 1));
}

#[tokio::test]
async fn a_thief_who_comes_after_the_owner_is_found_too() {
    let site = Site::new();
    let owner = site.browser();
    post_to(&owner, "/login/ann").await;
    let stolen = ticket(&owner);
    site.wait(2 * DAY);
    assert_eq!(page(&owner, "/me").await, "ann");
    site.wait(61);
    assert_eq!(site.who_with(&stolen).await, ("nobody".to_owned(), Some(String::new())));
    owner.get("/me").send().await.assert_status(401);
    assert_eq!(*site.thefts.lock().unwrap(), ["ann"]);
}

#[tokio::test]
async fn a_made_up_token_of_a_right_series_is_a_theft_and_a_made_up_series_is_not() {
    let site = Site::new();
    let client = site.browser();
    post_to(&client, "/login/ann").await;
    let good = ticket(&client);
    let (series, token) = good.split_once(':').unwrap();
    let flip = |text: &str| format!("{}{}", if text.starts_with('A') { 'B' } else { 'A' }, &text[1..]);
    for bad in ["", "x", series, &format!("{}:{token}", flip(series)), &format!("{good}:"), &good[1..]] {
        assert_eq!(site.who_with(bad).await, ("nobody".to_owned(), Some(String::new())), "{bad}");
    }
    assert_eq!(site.who_with(&good).await.0, "ann");
    assert!(site.thefts.lock().unwrap().is_empty());
    assert_eq!(site.who_with(&format!("{series}:{}", flip(token))).await.0, "nobody");
    assert_eq!(*site.thefts.lock().unwrap(), ["ann"]);
    client.get("/me").send().await.assert_status(401);
}

#[tokio::test]
async fn two_tabs_with_the_same_token_are_both_signed_in() {
    let site = Site::new();
    let client = site.browser();
    post_to(&client, "/login/ann").await;
    let old = ticket(&client);
    site.wait(2 * DAY);
    let (first, new) = site.who_with(&old).await;
    let new = new.unwrap();
    // The token of before is valid for a minute, and nothing is rotated again in that time.
    site.wait(59);
    for ticket in [&old, &new] {
        assert_eq!(site.who_with(ticket).await, ("ann".to_owned(), None));
    }
    assert_eq!((first.as_str(), site.thefts.lock().unwrap().len()), ("ann", 0));
    site.wait(1);
    let (who, newer) = site.who_with(&new).await;
    assert!(who == "ann" && newer.is_some_and(|newer| newer != new));
    assert_eq!(site.who_with(&old).await.0, "nobody");
    assert_eq!(*site.thefts.lock().unwrap(), ["ann"]);
}

#[tokio::test]
async fn two_requests_that_read_the_same_token_rotate_it_once() {
    let site = Site::new();
    for _ in 0..20 {
        let start = site.browser();
        post_to(&start, "/login/ann").await;
        let old = ticket(&start);
        site.wait(2 * DAY);
        // Both have loaded the series before one of them rotates.
        *site.probe.together.lock().unwrap() = Some(Arc::new(Barrier::new(2)));
        let (one, other) = tokio::join!(site.who_with(&old), site.who_with(&old));
        assert_eq!((one.0.as_str(), other.0.as_str()), ("ann", "ann"));
        let tokens: Vec<_> = [one.1, other.1].into_iter().flatten().collect();
        assert_eq!(tokens.len(), 1, "{tokens:?}");
        site.wait(61);
        assert_eq!(site.who_with(&tokens[0]).await.0, "ann");
    }
    assert!(site.thefts.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_sign_in_during_the_end_of_a_theft_leaves_no_session() {
    let site = Site::new();
    let owner = site.browser();
    post_to(&owner, "/login/ann").await;
    let old = ticket(&owner);
    site.wait(2 * DAY);
    let current = site.who_with(&old).await.1.unwrap();
    site.wait(61);
    // The owner has a new token and no session yet, when the thief is found.
    *site.probe.rotated.lock().unwrap() = Some(Arc::new(Barrier::new(2)));
    let rotated = site.probe.rotated.lock().unwrap().clone().unwrap();
    owner.clear_cookies();
    let sign_in = async { owner.get("/who").cookie("remember", &current).send().await };
    let theft = async {
        rotated.wait().await;
        let thief = site.who_with(&old).await;
        rotated.wait().await;
        thief
    };
    let (owned, stolen) = tokio::join!(sign_in, theft);
    assert_eq!((owned.text(), stolen.0.as_str()), ("nobody", "nobody"));
    assert_eq!((set(&owned).as_deref(), page(&owner, "/who").await.as_str()), (Some(""), "nobody"));
    assert_eq!((site.probe.store.len(), site.sessions.store.len()), (0, 0));
    assert_eq!(*site.thefts.lock().unwrap(), ["ann"]);
}

#[tokio::test]
async fn a_theft_whose_sessions_cannot_be_ended_is_found_again() {
    let site = Site::new();
    let (owner, thief) = (site.browser(), site.browser());
    post_to(&owner, "/login/ann").await;
    let stolen = ticket(&owner);
    site.wait(2 * DAY);
    thief.get("/me").cookie("remember", &stolen).send().await.assert_text("ann");
    site.wait(61);
    site.sessions.is_down.store(true, SeqCst);
    assert_eq!(page(&owner, "/who").await, "nobody");
    assert_eq!((ticket(&owner), page(&thief, "/who").await), (stolen, "ann".to_owned()));
    assert!(site.thefts.lock().unwrap().is_empty());
    site.sessions.is_down.store(false, SeqCst);
    assert_eq!(
        (page(&owner, "/who").await.as_str(), page(&thief, "/who").await.as_str()),
        ("nobody", "nobody")
    );
    assert_eq!((*site.thefts.lock().unwrap()).join(","), "ann");
}
