//! Requests that are sent again with their `Idempotency-Key`.
#![cfg(feature = "idempotency-key")]

use connect::bytes::Bytes;
use connect::testing::{Client, RequestBuilder};
use connect::{
    Error, Json, Next, Redirect, Request, Response, Result, app, detached, get, middleware, patch, post,
};
use connect_middleware::idempotency_key::{Begun, Digest, IdempotencyKey, MemoryStore, Store as _};
use futures_util::stream;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;
use tokio::sync::Semaphore;

/// How often a handler ran, and what it waits for.
#[derive(Clone)]
struct Runs {
    count: Arc<AtomicUsize>,
    gate: Arc<Semaphore>,
}

impl Runs {
    fn new() -> Self {
        Runs { count: Arc::default(), gate: Arc::new(Semaphore::new(0)) }
    }

    fn add(&self) -> usize {
        self.count.fetch_add(1, SeqCst) + 1
    }

    fn count(&self) -> usize {
        self.count.load(SeqCst)
    }

    async fn until(&self, count: usize) {
        let wait = async {
            while self.count() != count {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), wait).await.expect("the handler ran");
    }
}

#[post("/pay")]
fn pay(runs: &Runs, body: String, res: &mut Response) -> Result {
    let run = runs.add();
    res.status(201).set("location", "/payments/1").set("set-cookie", "a=b").text(format!("{run}: {body}"))
}

#[patch("/pay")]
fn change(runs: &Runs) -> String {
    format!("changed {}", runs.add())
}

#[get("/pay")]
fn show(runs: &Runs) -> String {
    runs.add().to_string()
}

#[post("/redirect")]
fn redirect(runs: &Runs) -> Redirect {
    runs.add();
    Redirect::see_other("/done")
}

#[post("/slow")]
async fn slow(runs: &Runs) -> String {
    let run = runs.add();
    let _permit = runs.gate.acquire().await;
    run.to_string()
}

#[post("/status/:status")]
fn fails(runs: &Runs, status: u16) -> Result<&'static str> {
    runs.add();
    Err(Error::new(status, "no"))
}

#[post("/panic")]
fn panics(runs: &Runs) -> &'static str {
    runs.add();
    panic!("in the handler")
}

#[post("/stream")]
fn streams(runs: &Runs, res: &mut Response) -> Result {
    runs.add();
    res.stream(stream::iter(
        ["a", "b"].map(|text| Ok::<_, std::io::Error>(Bytes::from_static(text.as_bytes()))),
    ))
}

#[post("/json")]
fn json(Json(numbers): Json<Vec<u32>>) -> String {
    numbers.iter().sum::<u32>().to_string()
}

#[post("/chunks")]
async fn chunks(req: &mut Request) -> Result<String> {
    let mut length = 0;
    while let Some(chunk) = req.body_mut().chunk().await {
        length += chunk?.len();
    }
    Ok(length.to_string())
}

fn keys() -> IdempotencyKey {
    IdempotencyKey::for_everyone(MemoryStore::new())
}

fn send(client: &Client, path: &str, key: &str) -> RequestBuilder {
    client.post(path).header("idempotency-key", key)
}

#[tokio::test]
async fn a_request_that_is_sent_again_gets_the_first_response_and_nothing_runs_twice() {
    #[middleware]
    fn above(_req: &mut Request, res: &mut Response, next: Next) -> Result {
        res.append("x-above", "1");
        next.pass()
    }

    let runs = Runs::new();
    let client = Client::new(app![connect::provide(runs.clone()), above, keys(), pay, redirect]);
    let first = send(&client, "/pay", "\"k1\"").text("5 EUR").send().await;
    first.assert_status(201).assert_text("1: 5 EUR").assert_no_header("idempotent-replayed");
    // With and without quotes it is one key.
    for key in ["\"k1\"", "k1"] {
        let again = send(&client, "/pay", key).text("5 EUR").send().await;
        again.assert_status(201).assert_text("1: 5 EUR").assert_header("idempotent-replayed", "true");
        again.assert_header("location", "/payments/1").assert_no_header("set-cookie");
        assert_eq!(again.header("content-type"), first.header("content-type"));
        assert_eq!(again.headers().get_all("x-above").iter().count(), 1);
    }
    send(&client, "/pay", "k2").text("5 EUR").send().await.assert_text("2: 5 EUR");
    for _ in 0..2 {
        send(&client, "/redirect", "k3").send().await.assert_redirect("/done").assert_status(303);
    }
    assert_eq!(runs.count(), 3);
}

#[tokio::test]
async fn another_request_with_the_key_is_refused() {
    let runs = Runs::new();
    let client = Client::new(app![connect::provide(runs.clone()), keys(), pay, change, redirect]);
    send(&client, "/pay", "k").text("5 EUR").send().await.assert_status(201);
    send(&client, "/pay", "k").text("6 EUR").send().await.assert_status(422);
    send(&client, "/pay?a=b", "k").text("5 EUR").send().await.assert_status(422);
    send(&client, "/redirect", "k").text("5 EUR").send().await.assert_status(422);
    let other = client.request(http::Method::PATCH, "/pay").header("idempotency-key", "k");
    other.text("5 EUR").send().await.assert_status(422);
    assert_eq!(runs.count(), 1);
}

#[tokio::test]
async fn a_key_is_needed_only_where_it_is_required_and_only_for_post_and_patch() {
    let runs = Runs::new();
    let free = Client::new(app![connect::provide(runs.clone()), keys(), change]);
    let strict = Client::new(app![connect::provide(runs.clone()), keys().required(), change, show]);
    let patch = |client: &Client| client.request(http::Method::PATCH, "/pay");
    for _ in 0..2 {
        patch(&free).send().await.assert_status(200);
    }
    assert_eq!(runs.count(), 2);
    patch(&strict).send().await.assert_status(400);
    for _ in 0..2 {
        strict.get("/pay").header("idempotency-key", "k").send().await.assert_status(200);
    }
    assert_eq!(runs.count(), 4);
    for _ in 0..2 {
        patch(&strict).header("idempotency-key", "k").send().await.assert_text("changed 5");
    }
    let long = "k".repeat(256);
    for key in ["", "\"\"", "a b", long.as_str()] {
        patch(&free).header("idempotency-key", key).send().await.assert_status(400);
    }
    assert_eq!(runs.count(), 5);
}

#[tokio::test]
async fn while_a_request_is_running_the_same_one_is_a_conflict() {
    let runs = Runs::new();
    let client = Client::new(app![connect::provide(runs.clone()), keys(), slow]);
    let tasks: Vec<_> = (0..20)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { send(&client, "/slow", "k").send().await.status().as_u16() })
        })
        .collect();
    runs.until(1).await;
    send(&client, "/slow", "k").send().await.assert_status(409).assert_header("retry-after", "1");
    runs.gate.add_permits(1);
    let mut ok = 0;
    for task in tasks {
        match task.await.unwrap() {
            200 => ok += 1,
            status => assert_eq!(status, 409),
        }
    }
    assert!(ok >= 1);
    send(&client, "/slow", "k").send().await.assert_text("1").assert_header("idempotent-replayed", "true");
    assert_eq!(runs.count(), 1);
}

#[tokio::test]
async fn errors_that_may_pass_release_the_key_and_others_are_kept() {
    let runs = Runs::new();
    let client = Client::new(app![connect::provide(runs.clone()), keys(), fails, panics]);
    for (path, status, ran) in [
        ("/status/500", 500, 2),
        ("/status/503", 503, 2),
        ("/status/429", 429, 2),
        ("/status/402", 402, 1),
        ("/panic", 500, 2),
    ] {
        let before = runs.count();
        for _ in 0..2 {
            send(&client, path, path).send().await.assert_status(status);
        }
        assert_eq!(runs.count() - before, ran, "{path}");
    }
    let all = keys().store_if(|_| true);
    let client = Client::new(app![connect::provide(runs.clone()), all, fails]);
    let before = runs.count();
    for _ in 0..2 {
        send(&client, "/status/500", "k").send().await.assert_status(500);
    }
    assert_eq!(runs.count() - before, 1);
}

#[tokio::test]
async fn a_request_that_was_dropped_is_not_run_again() {
    let runs = Runs::new();
    let client = Client::new(app![connect::provide(runs.clone()), keys(), slow]);
    let dropped = tokio::time::timeout(Duration::from_millis(200), send(&client, "/slow", "k").send()).await;
    assert!(dropped.is_err());
    assert_eq!(runs.count(), 1);
    runs.gate.add_permits(1);
    send(&client, "/slow", "k").send().await.assert_status(409);
    assert_eq!(runs.count(), 1);
}

#[tokio::test]
async fn a_client_that_left_a_detached_request_gets_its_response_later() {
    let runs = Runs::new();
    let client = Client::serve(app![connect::provide(runs.clone()), keys(), detached(), slow]).await.unwrap();
    let socket = tokio::net::TcpStream::connect(client.address().unwrap()).await.unwrap();
    socket.writable().await.unwrap();
    let head = b"POST /slow HTTP/1.1\r\nhost: localhost\r\nidempotency-key: k\r\ncontent-length: 0\r\n\r\n";
    assert_eq!(socket.try_write(head).unwrap(), head.len());
    runs.until(1).await;
    socket.set_zero_linger().unwrap();
    drop(socket);
    // The server sees the reset before another request is answered, or not: the handler goes on in both cases.
    send(&client, "/slow", "k").send().await.assert_status(409);
    runs.gate.add_permits(1);
    let answered = async {
        loop {
            let res = send(&client, "/slow", "k").send().await;
            if res.status() == 200 {
                break res;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let res = tokio::time::timeout(Duration::from_secs(20), answered).await.expect("a response");
    res.assert_text("1").assert_header("idempotent-replayed", "true");
    assert_eq!(runs.count(), 1);
}

#[tokio::test]
async fn a_response_that_is_not_kept_is_sent_once_and_is_a_conflict_from_then_on() {
    let runs = Runs::new();
    let client =
        Client::new(app![connect::provide(runs.clone()), keys().response_limit(3), streams, redirect, pay]);
    send(&client, "/stream", "k1").send().await.assert_text("ab");
    send(&client, "/stream", "k1").send().await.assert_status(409).assert_no_header("retry-after");
    send(&client, "/pay", "k2").text("too long").send().await.assert_text("2: too long");
    send(&client, "/pay", "k2").text("too long").send().await.assert_status(409);
    assert_eq!(runs.count(), 2);
}

#[tokio::test]
async fn a_key_belongs_to_its_client() {
    let runs = Runs::new();
    let by_user = IdempotencyKey::by(MemoryStore::new(), |req| req.header("x-user").map(str::to_owned));
    let client = Client::new(app![connect::provide(runs.clone()), by_user, pay]);
    for (user, text) in [("tobi", "1: x"), ("loki", "2: x"), ("tobi", "1: x"), ("loki", "2: x")] {
        send(&client, "/pay", "k").header("x-user", user).text("x").send().await.assert_text(text);
    }
    // Without one nothing is kept.
    for text in ["3: x", "4: x"] {
        send(&client, "/pay", "k").text("x").send().await.assert_text(text);
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_expires() {
    let runs = Runs::new();
    let client = Client::new(app![connect::provide(runs.clone()), keys(), pay]);
    let day = Duration::from_secs(24 * 60 * 60);
    send(&client, "/pay", "k").send().await.assert_text("1: ");
    tokio::time::advance(day - Duration::from_secs(1)).await;
    send(&client, "/pay", "k").send().await.assert_text("1: ");
    tokio::time::advance(Duration::from_secs(2)).await;
    send(&client, "/pay", "k").send().await.assert_text("2: ");
}

#[tokio::test]
async fn the_body_is_left_for_what_stands_below() {
    let client = Client::serve(app![keys(), json, chunks]).await.unwrap();
    for _ in 0..2 {
        send(&client, "/json", "k1").json(&[1, 2, 3]).send().await.assert_text("6");
    }
    send(&client, "/chunks", "k2").text("x".repeat(100_000)).send().await.assert_text("100000");
    send(&client, "/chunks", "k3").text("x".repeat(200_000)).send().await.assert_status(413);
    // It was not begun.
    send(&client, "/chunks", "k3").text("x").send().await.assert_text("1");
}

#[tokio::test]
async fn a_full_store_forgets_what_is_done_and_refuses_what_it_cannot_remember() {
    let runs = Runs::new();
    let small = IdempotencyKey::for_everyone(MemoryStore::with_capacity(1500));
    let client = Client::new(app![connect::provide(runs.clone()), small, change, slow]);
    let patch = |n: usize| {
        client.request(http::Method::PATCH, "/pay").header("idempotency-key", format!("k{n}")).send()
    };
    for n in 0..20 {
        patch(n).await.assert_status(200);
    }
    assert_eq!(runs.count(), 20);
    patch(19).await.assert_text("changed 20").assert_header("idempotent-replayed", "true");
    patch(0).await.assert_text("changed 21").assert_no_header("idempotent-replayed");
    // Three that are running leave no place.
    let running: Vec<_> = (0..3)
        .map(|n| {
            let client = client.clone();
            tokio::spawn(async move { send(&client, "/slow", &format!("s{n}")).send().await.status() })
        })
        .collect();
    runs.until(24).await;
    patch(21).await.assert_status(503);
    assert_eq!(runs.count(), 24);
    runs.gate.add_permits(1);
    for task in running {
        assert_eq!(task.await.unwrap(), 200);
    }
    patch(21).await.assert_text("changed 25");
}

#[cfg(feature = "auth")]
#[tokio::test]
async fn a_client_that_is_not_known_is_refused_before_its_key_is_looked_up() {
    struct User;

    let auth = connect_middleware::auth::BasicAuth::new(|name: String, _password: String| async move {
        Ok((name == "tobi").then_some(User))
    });
    let runs = Runs::new();
    let client = Client::new(app![connect::provide(runs.clone()), auth, keys(), pay]);
    let known = || send(&client, "/pay", "k").header("authorization", "Basic dG9iaTpz").text("x");
    known().send().await.assert_status(201);
    send(&client, "/pay", "k").text("x").send().await.assert_status(401);
    known().send().await.assert_text("1: x").assert_header("idempotent-replayed", "true");
}

#[tokio::test]
async fn a_key_is_not_answered_with_the_response_of_another_host() {
    let runs = Runs::new();
    let client = Client::new(app![connect::provide(runs.clone()), keys(), pay]);
    for (host, status) in [("a.example", 201), ("b.example", 422), ("a.example", 201)] {
        send(&client, "/pay", "k").header("host", host).send().await.assert_status(status);
    }
    assert_eq!(runs.count(), 1);
}

#[tokio::test]
async fn clients_that_leave_do_not_fill_the_store() {
    let digest = |byte: u8| Digest::from_bytes([byte; 32]);
    let (request, day) = (digest(0), Duration::from_secs(24 * 60 * 60));
    // Of a few entries.
    let store = MemoryStore::with_capacity(1600);
    let mut begun = 0;
    while let Ok(Begun::New) = store.begin(&digest(begun + 1), &request, day).await {
        begun += 1;
    }
    assert!((2..10).contains(&begun), "{begun}");
    store.dropped(&digest(1), &request);
    // Not before there is need for it.
    assert!(matches!(store.begin(&digest(1), &request, day).await, Ok(Begun::Running)));
    assert!(matches!(store.begin(&digest(99), &request, day).await, Ok(Begun::New)));
    assert!(matches!(store.begin(&digest(2), &request, day).await, Ok(Begun::Running)));
    assert!(store.begin(&digest(1), &request, day).await.is_err(), "the others are running");
}

#[tokio::test(start_paused = true)]
async fn a_request_that_ends_after_its_lifetime_ends_no_other_under_its_key() {
    let digest = |byte: u8| Digest::from_bytes([byte; 32]);
    let (key, old, new, minute) = (digest(1), digest(2), digest(3), Duration::from_secs(60));
    let store = MemoryStore::new();
    assert!(matches!(store.begin(&key, &old, minute).await, Ok(Begun::New)));
    tokio::time::advance(2 * minute).await;
    assert!(matches!(store.begin(&key, &new, minute).await, Ok(Begun::New)));
    store.finish(&key, &old, None).await.unwrap();
    store.release(&key, &old).await.unwrap();
    assert!(matches!(store.begin(&key, &new, minute).await, Ok(Begun::Running)));
}
