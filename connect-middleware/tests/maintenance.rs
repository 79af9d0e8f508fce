//! The switch, and the file that is one.
#![cfg(feature = "maintenance")]
#![allow(missing_docs, missing_debug_implementations, reason = "lints for libraries")]

use std::time::Duration;

use connect::testing::Client;
use connect::{Error, Request, Response, Result, app, error_handler, get};
use connect_middleware::maintenance::{Maintenance, Switch};

#[get("/")]
fn index() -> &'static str {
    "hello"
}

#[get("/health")]
fn health() -> &'static str {
    "ok"
}

#[error_handler]
fn page(err: Error, _req: &mut Request, res: &mut Response) -> Result {
    let text = format!("handled: {err}");
    res.error(&err).text(text)
}

async fn until(switch: &Switch, on: bool) {
    let wait = async {
        while switch.is_on() != on {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    assert!(tokio::time::timeout(Duration::from_secs(60), wait).await.is_ok(), "it is {}", switch.is_on());
}

#[tokio::test]
async fn requests_are_refused_on_the_error_track_while_it_is_on() {
    let maintenance = Maintenance::off();
    let switch = maintenance.switch();
    let client = Client::new(app![maintenance, index, page]);
    client.get("/").send().await.assert_status(200);
    switch.set(true);
    assert!(switch.is_on());
    let res = client.get("/").send().await;
    res.assert_status(503)
        .assert_header("retry-after", "60")
        .assert_text("handled: the app is being worked on");
    client.post("/none").send().await.assert_status(503);
    switch.set(false);
    client.get("/").send().await.assert_status(200);
}

#[tokio::test]
async fn it_can_begin_on_and_exempt_requests_pass() {
    let maintenance = Maintenance::on()
        .retry_after(Duration::from_millis(1))
        .exempt(|req| req.path() == "/health" || req.ip().is_some_and(|ip| ip.to_string() == "203.0.113.7"));
    let client = Client::new(app![maintenance, health, index]);
    client.get("/health").send().await.assert_status(200);
    client.get("/").peer(([203, 0, 113, 7], 4711).into()).send().await.assert_status(200);
    client.get("/").send().await.assert_status(503).assert_header("retry-after", "1");
}

#[tokio::test]
async fn it_is_on_as_long_as_a_file_exists_from_the_start_on() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("maintenance");
    std::fs::write(&file, "").unwrap();
    let maintenance = Maintenance::off().file(&file);
    let switch = maintenance.switch();
    assert!(!switch.is_on());
    let client = Client::serve(app![maintenance, index]).await.unwrap();
    client.get("/").send().await.assert_status(503);
    // The switch does not turn off what the file turns on.
    switch.set(false);
    client.get("/").send().await.assert_status(503);
    std::fs::remove_file(&file).unwrap();
    until(&switch, false).await;
    client.get("/").send().await.assert_status(200);
    std::fs::write(&file, "").unwrap();
    until(&switch, true).await;
    client.get("/").send().await.assert_status(503);
}

#[tokio::test]
async fn a_file_that_goes_does_not_turn_off_the_switch() {
    let folder = tempfile::tempdir().unwrap();
    let maintenance = Maintenance::on().file(folder.path().join("maintenance"));
    let client = Client::serve(app![maintenance, index]).await.unwrap();
    client.get("/").send().await.assert_status(503);
}
