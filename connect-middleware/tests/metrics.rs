//! What Prometheus reads of requests that end well, early or never, over sockets.
#![cfg(feature = "metrics")]

#[path = "support/raw.rs"]
mod raw;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use connect::bytes::Bytes;
use connect::testing::Client;
use connect::{Error, Next, Request, Response, Result, app, get, middleware, post, provide, router};
use connect_middleware::metrics::Metrics;
use futures_util::{StreamExt, stream};
use http::Method;
use prometheus_parse::{Scrape, Value};
use raw::{read_to, reset, send_get, until};
use tokio::sync::Notify;

#[get("/users/:id")]
fn user(id: u64) -> String {
    format!("user {id}")
}

#[post("/echo")]
fn echo() -> &'static str {
    "12345"
}

#[get("/fails")]
fn fails() -> Result<&'static str> {
    Err(Error::msg("broken"))
}

#[get("/never/:id")]
async fn never(id: u64) -> String {
    std::future::pending::<()>().await;
    format!("never {id}")
}

/// A stream whose second chunk waits until the test says so.
#[derive(Clone, Default)]
struct Gate(Arc<Notify>);

#[get("/stream")]
fn long(gate: &Gate, res: &mut Response) -> Result {
    let gate = gate.clone();
    let second = stream::once(async move {
        gate.0.notified().await;
        Ok::<_, std::io::Error>(Bytes::from_static(b"second"))
    });
    res.stream(stream::iter([Ok(Bytes::from_static(b"first"))]).chain(second))
}

/// Answers in place of what is below, after a short time.
#[middleware]
async fn impatient(req: &mut Request, res: &mut Response, next: Next) -> Result {
    match tokio::time::timeout(Duration::from_millis(50), next.run(req, res)).await {
        Ok(done) => Ok(done),
        Err(_) => Err(Error::new(503, "too slow")),
    }
}

/// A parser's view of the text.
struct Read(Vec<prometheus_parse::Sample>);

impl Read {
    fn of(text: &str) -> Self {
        let lines = text.lines().map(|line| Ok(line.to_owned()));
        Read(Scrape::parse(lines).unwrap().samples)
    }

    fn number(&self, metric: &str, labels: &[(&str, &str)]) -> Option<f64> {
        let is_it = |sample: &&prometheus_parse::Sample| {
            sample.metric == metric
                && sample.labels.len() == labels.len()
                && labels.iter().all(|(name, value)| sample.labels.get(name) == Some(*value))
        };
        let found: Vec<_> = self.0.iter().filter(is_it).collect();
        assert!(found.len() < 2, "{metric} {labels:?} is there twice");
        found.first().map(|sample| match sample.value {
            Value::Counter(number) | Value::Gauge(number) | Value::Untyped(number) => number,
            ref other => panic!("{metric} is {other:?}"),
        })
    }

    /// The number of requests by method, route and status.
    fn total(&self, method: &str, route: &str, status: &str) -> u64 {
        let labels = [("method", method), ("route", route), ("status", status)];
        self.number("http_requests_total", &labels).unwrap_or(0.0) as u64
    }

    /// All labels of a metric.
    fn series(&self, metric: &str) -> Vec<BTreeMap<String, String>> {
        let of = |sample: &prometheus_parse::Sample| {
            sample.labels.iter().map(|(name, value)| (name.clone(), value.clone())).collect()
        };
        self.0.iter().filter(|sample| sample.metric == metric).map(of).collect()
    }
}

fn read(metrics: &Metrics) -> Read {
    Read::of(&metrics.render())
}

/// Waits until so many requests of one kind were counted.
async fn counted(metrics: &Metrics, method: &str, route: &str, status: &str, number: u64) -> Read {
    until(&format!("{method} {route} {status} {number} in {}", metrics.render()), || {
        let read = read(metrics);
        (read.total(method, route, status) == number).then_some(read)
    })
    .await
}

#[tokio::test]
async fn requests_count_by_method_pattern_and_status_with_the_mounts() {
    let metrics = Metrics::new();
    let client = Client::serve(app![
        "/metrics" => metrics.endpoint(),
        metrics.clone(),
        user,
        echo,
        fails,
        "/api" => router!["/v1/:tenant" => router![user]],
    ])
    .await
    .unwrap();
    for id in 0..3 {
        client.get(&format!("/users/{id}")).send().await.assert_status(200);
    }
    client.get("/users/x").send().await.assert_status(400);
    client.get("/api/v1/a/users/1").send().await.assert_status(200);
    client.post("/echo").text("0123456789").send().await.assert_text("12345");
    client.get("/fails").send().await.assert_status(500);
    let known = counted(&metrics, "GET", "/fails", "500", 1).await;
    assert_eq!(known.total("GET", "/users/:id", "200"), 3);
    assert_eq!(known.total("GET", "/users/:id", "400"), 1);
    assert_eq!(known.total("GET", "/api/v1/:tenant/users/:id", "200"), 1);
    let labels = [("method", "POST"), ("route", "/echo"), ("status", "200")];
    assert_eq!(known.number("http_request_body_bytes_total", &labels), Some(10.0));
    assert_eq!(known.number("http_response_body_bytes_total", &labels), Some(5.0));
    assert_eq!(known.number("http_requests_in_flight", &[]), Some(0.0));
    assert_eq!(known.series("http_requests_unfinished_total").len(), 0);

    let served = client.get("/metrics").send().await;
    served.assert_status(200).assert_header("content-type", "text/plain; version=0.0.4; charset=utf-8");
    assert_eq!(Read::of(served.text()).total("GET", "/users/:id", "200"), 3);
    client.head("/metrics").send().await.assert_status(200).assert_text("");
    client.get("/metrics/other").send().await.assert_status(404);
    client.post("/metrics").send().await.assert_status(404);
}

#[tokio::test]
async fn paths_that_no_route_matches_and_methods_of_clients_share_a_label() {
    let metrics = Metrics::new();
    let client = Client::serve(app![metrics.clone(), user]).await.unwrap();
    for path in 0..50 {
        client.get(&format!("/wp-login-{path}.php?{path}")).send().await.assert_status(404);
        let method = Method::from_bytes(format!("SCAN{path}").as_bytes()).unwrap();
        client.request(method, &format!("/{path}")).send().await.assert_status(404);
    }
    let known = counted(&metrics, "other", "none", "404", 50).await;
    assert_eq!(known.total("GET", "none", "404"), 50);
    assert_eq!(known.series("http_requests_total").len(), 2);
}

#[tokio::test]
async fn a_client_that_leaves_before_the_response_is_a_499_with_its_route() {
    let metrics = Metrics::new();
    let client = Client::serve(app![metrics.clone(), never]).await.unwrap();
    let socket = send_get(&client, "/never/1").await;
    until("a request in flight", || {
        (read(&metrics).number("http_requests_in_flight", &[]) == Some(1.0)).then_some(())
    })
    .await;
    // The route has matched when the layer was passed: the handler never waits before that.
    reset(socket);
    let known = counted(&metrics, "GET", "/never/:id", "499", 1).await;
    assert_eq!(known.number("http_requests_in_flight", &[]), Some(0.0));
    let labels = [("ended", "client_left"), ("method", "GET"), ("route", "/never/:id")];
    assert_eq!(known.number("http_requests_unfinished_total", &labels), Some(1.0));
}

#[tokio::test]
async fn a_timeout_above_is_counted_with_the_route_that_it_has_ended() {
    let metrics = Metrics::new();
    // The layers below the timeout are dropped, and what they would do after `next.run` is not done.
    let client = Client::serve(app![impatient, metrics.clone(), never]).await.unwrap();
    client.get("/never/1").send().await.assert_status(503);
    let known = counted(&metrics, "GET", "/never/:id", "503", 1).await;
    assert_eq!(known.series("http_requests_total").len(), 1);
    assert_eq!(known.number("http_requests_in_flight", &[]), Some(0.0));
}

#[tokio::test]
async fn a_stream_is_in_flight_until_its_last_byte_and_counted_with_all_of_them() {
    let (metrics, gate) = (Metrics::new().buckets([0.05, 60.0]), Gate::default());
    let client = Client::serve(app![provide(gate.clone()), metrics.clone(), long]).await.unwrap();
    let mut open = client.get("/stream").open().await;
    assert_eq!(open.chunk().await.unwrap(), "first");
    let now = read(&metrics);
    assert_eq!(now.number("http_requests_in_flight", &[]), Some(1.0));
    assert_eq!(now.total("GET", "/stream", "200"), 0);
    tokio::time::sleep(Duration::from_millis(60)).await;
    gate.0.notify_one();
    assert_eq!(open.read().await.text(), "second");
    let known = counted(&metrics, "GET", "/stream", "200", 1).await;
    let labels = [("method", "GET"), ("route", "/stream"), ("status", "200")];
    assert_eq!(known.number("http_response_body_bytes_total", &labels), Some(11.0));
    assert!(
        metrics.render().contains("le=\"0.05\"} 0\n"),
        "the head alone was measured: {}",
        metrics.render()
    );

    // One whose client leaves in the middle has its status, and is not complete.
    let socket = send_get(&client, "/stream").await;
    read_to(&socket, "first\r\n").await;
    reset(socket);
    let known = counted(&metrics, "GET", "/stream", "200", 2).await;
    let labels = [("ended", "client_left"), ("method", "GET"), ("route", "/stream")];
    assert_eq!(known.number("http_requests_unfinished_total", &labels), Some(1.0));
}

#[tokio::test]
async fn histograms_are_what_a_parser_expects() {
    let metrics = Metrics::new().buckets([0.5, 1.0]);
    let client = Client::serve(app![metrics.clone(), user]).await.unwrap();
    for _ in 0..4 {
        client.get("/users/1").send().await.assert_status(200);
    }
    let known = counted(&metrics, "GET", "/users/:id", "200", 4).await;
    let histogram = known.0.iter().find(|sample| sample.metric == "http_request_duration_seconds").unwrap();
    let Value::Histogram(buckets) = &histogram.value else { panic!("{histogram:?}") };
    assert_eq!(buckets.len(), 3);
    assert_eq!(buckets.last().unwrap().less_than, f64::INFINITY);
    assert!(buckets.windows(2).all(|pair| pair[0].count <= pair[1].count), "they add up: {buckets:?}");
    assert_eq!(buckets.last().unwrap().count, 4.0);
    let labels = [("method", "GET"), ("route", "/users/:id"), ("status", "200")];
    assert_eq!(known.number("http_request_duration_seconds_count", &labels), Some(4.0));
    assert!(known.number("http_request_duration_seconds_sum", &labels).unwrap() > 0.0);
    // Each name is announced once, before its samples.
    let text = metrics.render();
    for (index, line) in text.lines().enumerate().filter(|(_, line)| line.starts_with("# TYPE")) {
        let name = line.split(' ').nth(2).unwrap();
        assert_eq!(text.lines().filter(|other| *other == line).count(), 1, "{line}");
        assert!(text.lines().nth(index - 1).unwrap().starts_with(&format!("# HELP {name} ")), "{line}");
        let first = text.lines().position(|line| line.starts_with(name));
        assert!(first.is_none_or(|first| first > index), "{name}");
    }
}

#[tokio::test]
async fn values_of_labels_are_escaped() {
    #[get("/a\\\\b/\"quoted\"")]
    fn odd() -> &'static str {
        "odd"
    }

    let metrics = Metrics::new();
    let client = Client::new(app![metrics.clone(), odd]);
    client.get("/a\\b/\"quoted\"").send().await.assert_status(200);
    let text = metrics.render();
    assert!(text.contains(r#"route="/a\\\\b/\"quoted\"",status="200""#), "{text}");
    for line in text.lines().filter(|line| line.contains("route=")) {
        let label = line.split("route=\"").nth(1).unwrap();
        let plain = label.replace("\\\\", "").replace("\\\"", "");
        assert!(plain.split('"').nth(1).unwrap().starts_with(','), "{line}");
    }
}

#[tokio::test]
async fn beyond_the_limit_series_are_one() {
    #[get("/status/:code")]
    fn with_status(code: u16, res: &mut Response) -> Result {
        res.status(code).text("")
    }

    let metrics = Metrics::new().max_series(3);
    let client = Client::serve(app![metrics.clone(), with_status]).await.unwrap();
    for code in 201..=300 {
        if code != 204 && code != 205 {
            client.get(&format!("/status/{code}")).send().await;
        }
    }
    let known = counted(&metrics, "overflow", "overflow", "overflow", 95).await;
    assert_eq!(known.series("http_requests_total").len(), 4);
    // A known one still counts as itself.
    client.get("/status/201").send().await;
    counted(&metrics, "GET", "/status/:code", "201", 2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sums_are_right_with_many_threads() {
    let metrics = Metrics::new();
    let client = Arc::new(Client::new(app![metrics.clone(), user, fails]));
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let client = Arc::clone(&client);
            tokio::spawn(async move {
                for id in 0..100 {
                    client.get(&format!("/users/{id}")).send().await.assert_status(200);
                    client.get("/none").send().await.assert_status(404);
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let known = counted(&metrics, "GET", "/users/:id", "200", 800).await;
    let known = if known.total("GET", "none", "404") == 800 {
        known
    } else {
        counted(&metrics, "GET", "none", "404", 800).await
    };
    let labels = [("method", "GET"), ("route", "/users/:id"), ("status", "200")];
    assert_eq!(known.number("http_request_duration_seconds_count", &labels), Some(800.0));
    assert_eq!(
        known.number("http_response_body_bytes_total", &labels),
        Some(10.0 * 6.0 * 8.0 + 90.0 * 7.0 * 8.0)
    );
    assert_eq!(known.number("http_requests_in_flight", &[]), Some(0.0));
}

/// The allocations of a request in the layers, and of its end.
fn allocations<P>(app: &connect::App<impl connect::Chain, P>) -> (u64, u64) {
    let mut req: Request =
        http::Request::get("/users/7").header("host", "localhost").body("").unwrap().into();
    let mut res = Response::new();
    let layers = allocation_counter::measure(|| {
        let mut run = std::pin::pin!(app.run(&mut req, &mut res));
        let polled = run.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop()));
        assert!(polled.is_ready(), "nothing here waits");
    });
    // Dropped before it is sent, a response has ended.
    let end = allocation_counter::measure(|| drop(res));
    (layers.count_total, end.count_total)
}

#[test]
fn a_request_of_a_known_series_makes_no_labels() {
    let (without, with) = (app![user], app![Metrics::new(), user]);
    // The first request makes the series.
    let first = [&allocations(&without), &allocations(&with)].map(|(_, end)| *end);
    assert!(first[1] > 0, "{first:?}");
    let (plain, end) = allocations(&without);
    assert_eq!(end, 0);
    let (layers, end) = allocations(&with);
    assert_eq!(end, 0);
    // The handle of the route, the function and what keeps it.
    assert_eq!(layers - plain, 4);
}

#[test]
fn own_metrics_are_written_behind() {
    let metrics =
        Metrics::new().append(|text| text.push_str("# HELP jobs Jobs.\n# TYPE jobs gauge\njobs 7\n"));
    assert_eq!(read(&metrics).number("jobs", &[]), Some(7.0));
}

#[test]
#[should_panic(expected = "have to increase")]
fn buckets_that_do_not_increase_are_refused() {
    let _ = Metrics::new().buckets([1.0, 0.5]);
}
