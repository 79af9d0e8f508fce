//! When sessions end, and when they are removed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::time::Duration;

use connect::testing::Client;
use connect::{Request, Response, http};
use connect_middleware::session::{Session, Timestamp};
use tokio::time::Instant;

use crate::probe::{Probe, page, post};
use crate::routes::routes;

#[tokio::test]
async fn a_session_ends_when_it_is_idle_or_old() {
    let clock = Arc::new(AtomicU64::new(1_000_000));
    let probe = Arc::new(Probe::default());
    let minutes = |minutes: u64| Duration::from_secs(60 * minutes);
    let present = Arc::clone(&clock);
    let session = Session::new(Arc::clone(&probe))
        .idle(minutes(60))
        .absolute(minutes(300))
        .clock(move || Timestamp::from_millis(present.load(SeqCst)));
    let client = Client::new(routes(session));
    let pass = |time: u64| clock.fetch_add(60_000 * time, SeqCst);
    post(&client, "/visit").await.assert_text("1");
    // In use, and told to the store every five minutes at most.
    for (time, calls) in
        [(0, "load 1;"), (4, "load 1;"), (1, "load 1;touch 1;"), (4, "load 1;"), (55, "load 1;touch 1;")]
    {
        pass(time);
        probe.calls();
        page(&client, "/cart").await;
        assert_eq!(probe.calls(), calls, "after {time} minutes");
    }
    post(&client, "/visit").await.assert_text("2");
    pass(60);
    post(&client, "/visit").await.assert_text("1");
    for _ in 0..5 {
        pass(55);
        page(&client, "/cart").await;
    }
    post(&client, "/visit").await.assert_text("2");
    pass(25);
    post(&client, "/visit").await.assert_text("1");
    // A login begins anew.
    pass(55);
    post(&client, "/login/ann/user").await.assert_status(200);
    for _ in 0..5 {
        pass(55);
        assert_eq!(page(&client, "/who").await, "ann");
    }
    post(&client, "/visit").await.assert_text("2");
    pass(25);
    assert_eq!(page(&client, "/who").await, "nobody");
}

#[tokio::test(start_paused = true)]
async fn expired_sessions_are_removed_in_the_background() {
    let (probe, start) = (Arc::new(Probe::default()), Instant::now());
    let millis = move || u64::try_from(start.elapsed().as_millis()).unwrap();
    let session = Session::new(Arc::clone(&probe)).clock(move || Timestamp::from_millis(millis()));
    let client = Client::new(routes(session));
    post(&client, "/visit").await.assert_text("1");
    tokio::time::sleep(Duration::from_secs(23 * 60 * 60)).await;
    assert_eq!(probe.store.len(), 1);
    // Nobody asks for anything.
    tokio::time::sleep(Duration::from_secs(2 * 60 * 60)).await;
    assert_eq!(probe.store.len(), 0);
    let sweeps = probe.calls.lock().unwrap()["sweep"];
    assert!((140..=160).contains(&sweeps), "every 10 minutes: {sweeps}");
}

#[tokio::test]
async fn where_the_app_is_not_started_requests_have_expired_sessions_removed() {
    let clock = Arc::new(AtomicU64::new(1_000_000));
    let (probe, present) = (Arc::new(Probe::default()), Arc::clone(&clock));
    let session =
        Session::new(Arc::clone(&probe)).clock(move || Timestamp::from_millis(present.load(SeqCst)));
    let app = routes(session);
    let visit = async || {
        let mut req = Request::from(http::Request::post("/visit").body("").unwrap());
        let _done = app.run(&mut req, &mut Response::new()).await;
    };
    for visitors in 1..=3 {
        visit().await;
        assert_eq!(probe.store.len(), visitors);
    }
    clock.fetch_add(25 * 60 * 60 * 1000, SeqCst);
    visit().await;
    while probe.store.len() > 1 {
        tokio::task::yield_now().await;
    }
    assert_eq!(probe.calls.lock().unwrap()["sweep"], 2);
}
