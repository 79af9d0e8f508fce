//! The header with the time, in all kinds of responses.
#![cfg(feature = "response-time")]
#![allow(missing_docs, missing_debug_implementations, reason = "lints for libraries")]

use std::time::Duration;

use connect::testing::{Client, TestResponse};
use connect::{Next, Request, Response, Result, app, get, middleware};
use connect_middleware::response_time::ResponseTime;
use http::HeaderName;

#[get("/")]
fn index() -> &'static str {
    "hello"
}

#[get("/panic")]
fn panics() -> &'static str {
    panic!("in the handler")
}

#[get("/slow")]
async fn slow() -> &'static str {
    tokio::time::sleep(Duration::from_millis(50)).await;
    "slow"
}

#[get("/own")]
fn own(res: &mut Response) -> Result {
    res.set("x-response-time", "mine").text("own")
}

fn milliseconds(res: &TestResponse) -> f64 {
    let value = res.header("x-response-time").expect("no time");
    value.strip_suffix("ms").expect("no unit").parse().expect("no number")
}

#[tokio::test]
async fn every_response_has_it_and_one_that_is_set_stays() {
    let client = Client::serve(app![ResponseTime::new(), index, panics, slow, own]).await.unwrap();
    for (path, status) in [("/", 200), ("/panic", 500), ("/none", 404)] {
        let res = client.get(path).send().await;
        assert!(milliseconds(res.assert_status(status)) >= 0.0);
    }
    let etag = client.get("/").send().await.header("etag").expect("no etag").to_owned();
    let unchanged = client.get("/").header("if-none-match", etag).send().await;
    milliseconds(unchanged.assert_status(304));
    assert!(milliseconds(&client.get("/slow").send().await) >= 50.0);
    let own = client.get("/own").send().await;
    own.assert_header("x-response-time", "mine");
    assert_eq!(own.headers().get_all("x-response-time").iter().count(), 1);
}

#[tokio::test]
async fn what_runs_before_the_head_is_sent_is_in_the_time() {
    #[middleware]
    fn saves(_req: &mut Request, res: &mut Response, next: Next) -> Result {
        res.before_head(async |_| {
            tokio::time::sleep(Duration::from_millis(50)).await;
            Ok(())
        });
        next.pass()
    }
    let client = Client::new(app![ResponseTime::new(), saves, index]);
    assert!(milliseconds(&client.get("/").send().await) >= 50.0);
}

#[tokio::test]
async fn several_layers_measure_what_is_below_them() {
    let other = ResponseTime::new().header(HeaderName::from_static("x-time")).suffix(false).digits(0);
    let app = app![ResponseTime::server_timing("total"), ResponseTime::server_timing("app"), other, index];
    let res = Client::new(app).get("/").send().await;
    let metrics: Vec<_> = res.headers().get_all("server-timing").iter().collect();
    assert!(metrics[0].to_str().unwrap().starts_with("app;dur="), "{metrics:?}");
    assert!(metrics[1].to_str().unwrap().starts_with("total;dur="), "{metrics:?}");
    assert!(res.header("x-time").unwrap().parse::<u64>().is_ok());
}
