//! Requests within a limit and beyond it.
#![cfg(feature = "rate-limit")]

#[path = "support/log.rs"]
mod log;

use connect::testing::Client;
use connect::{TrustProxy, app, get, options};
use connect_middleware::rate_limit::RateLimit;
use http::Method;
use std::time::Duration;

#[get("/")]
fn index() -> &'static str {
    "hello"
}

#[options("/")]
fn own_options() -> &'static str {
    "options"
}

const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn each_address_has_its_own_limit_and_is_told_what_is_left() {
    let client = Client::new(app![RateLimit::new(2, MINUTE), index].trust_proxy(TrustProxy::hops(1)));
    let ask = |address: &'static str| client.get("/").header("x-forwarded-for", address).send();
    ask("203.0.113.7")
        .await
        .assert_status(200)
        .assert_header("ratelimit-policy", "\"default\";q=2;w=60")
        .assert_header("ratelimit", "\"default\";r=1;t=30");
    ask("203.0.113.7").await.assert_status(200).assert_header("ratelimit", "\"default\";r=0;t=60");
    let res = ask("203.0.113.7").await;
    res.assert_status(429)
        .assert_header("retry-after", "30")
        .assert_header("ratelimit", "\"default\";r=0;t=60");
    ask("203.0.113.8").await.assert_status(200);
    // The network of one customer.
    for address in ["2001:db8:0:1200::1", "2001:db8:0:12ff::2"] {
        ask(address).await.assert_status(200);
    }
    ask("2001:db8:0:1234::3").await.assert_status(429);
}

#[tokio::test]
async fn without_a_trusted_proxy_its_own_address_counts() {
    let client = Client::new(app![RateLimit::new(1, MINUTE), index]);
    client.get("/").header("x-forwarded-for", "203.0.113.7").send().await.assert_status(200);
    client.get("/").header("x-forwarded-for", "203.0.113.8").send().await.assert_status(429);
}

#[tokio::test]
async fn requests_come_back_evenly() {
    let client = Client::new(app![RateLimit::new(2, Duration::from_millis(400)), index]);
    let ask = || async { client.get("/").send().await.status() };
    assert_eq!([ask().await, ask().await, ask().await], [200, 200, 429]);
    tokio::time::sleep(Duration::from_millis(250)).await;
    assert_eq!(ask().await, 200);
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!([ask().await, ask().await], [200, 200]);
}

#[tokio::test]
async fn a_key_of_the_request_counts_and_none_is_free() {
    let limit = RateLimit::new(1, MINUTE).by(|req| req.header("x-user").map(str::to_owned)).name("users");
    let client = Client::new(app![limit, index]);
    let ask = |user: &'static str| client.get("/").header("x-user", user).send();
    ask("tobi").await.assert_status(200).assert_header("ratelimit", "\"users\";r=0;t=60");
    ask("tobi").await.assert_status(429);
    ask("loki").await.assert_status(200);
    for _ in 0..3 {
        let res = client.get("/").send().await;
        res.assert_status(200);
        assert_eq!(res.headers().get("ratelimit"), None);
    }
}

#[tokio::test]
async fn preflights_are_free() {
    let client = Client::new(app![RateLimit::new(1, MINUTE), own_options]);
    for _ in 0..3 {
        let req = client.request(Method::OPTIONS, "/").header("origin", "https://example.com");
        req.header("access-control-request-method", "PUT").send().await.assert_status(200);
    }
    client.request(Method::OPTIONS, "/").send().await.assert_status(200);
    client.request(Method::OPTIONS, "/").send().await.assert_status(429);
}

#[tokio::test]
async fn many_requests_at_once_get_no_more_than_the_limit() {
    let client = Client::new(app![RateLimit::new(50, MINUTE), index]);
    let tasks: Vec<_> = (0..200)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.get("/").send().await.status() })
        })
        .collect();
    let mut answered = 0;
    for task in tasks {
        answered += usize::from(task.await.unwrap() == 200);
    }
    assert_eq!(answered, 50);
}

#[test]
fn a_limit_of_nothing_is_refused_when_the_layer_is_made() {
    assert!(std::panic::catch_unwind(|| RateLimit::new(0, MINUTE)).is_err());
    assert!(std::panic::catch_unwind(|| RateLimit::new(1, Duration::ZERO)).is_err());
    assert!(std::panic::catch_unwind(|| RateLimit::new(1, MINUTE).name("a\"b")).is_err());
}

#[tokio::test]
async fn an_app_that_trusts_every_proxy_is_one_warning_of_a_limit_by_address() {
    let all: TrustProxy = "0.0.0.0/0, ::/0".parse().unwrap();
    let known: TrustProxy = "loopback, 203.0.113.0/24".parse().unwrap();
    for (trust, warnings) in
        [(TrustProxy::all(), 1), (all, 1), (TrustProxy::none(), 0), (TrustProxy::hops(2), 0), (known, 0)]
    {
        let (log, _guard) = log::log();
        let by_user =
            RateLimit::new(9, MINUTE).by(|req| req.header("x-user").map(str::to_owned)).name("users");
        let app = app![by_user, RateLimit::new(9, MINUTE), index].trust_proxy(trust.clone());
        let started = app.start().await.unwrap();
        started.shutdown(Duration::from_secs(5)).await;
        let lines = log.take();
        assert_eq!(lines.len(), warnings, "{trust:?}: {lines:?}");
        assert!(lines.iter().all(|line| line.starts_with("the app trusts every proxy")), "{lines:?}");
    }
}

#[tokio::test]
async fn the_longest_time_is_a_limit_like_others() {
    let client = Client::new(app![RateLimit::new(2, Duration::MAX), index]);
    for status in [200, 200, 429] {
        client.get("/").send().await.assert_status(status);
    }
}
