//! Spans of requests, and the trace that they are part of, over sockets.
#![cfg(all(feature = "logger", feature = "trace"))]

#[path = "support/raw.rs"]
mod raw;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use connect::bytes::Bytes;
use connect::testing::Client;
use connect::{Error, Next, Request, Response, Result, app, error_handler, get, middleware, provide, router};
use connect_middleware::logger::Logger;
use connect_middleware::trace::{Trace, TraceContext};
use futures_util::{StreamExt, stream};
use http::Method;
use raw::{read_to, reset, send_get, until};
use tokio::sync::Notify;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

type Fields = BTreeMap<String, String>;
/// A message, and the path of the request that it is about.
type Event = (String, Option<String>);

struct Read<'a>(&'a mut Fields);

impl Visit for Read<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.to_owned());
    }
}

/// The spans that have ended, with their fields, and the names of events with the `otel.name` of the spans around them.
#[derive(Clone, Default)]
struct Spans {
    ended: Arc<Mutex<Vec<Fields>>>,
    events: Arc<Mutex<Vec<Event>>>,
}

impl<S: tracing::Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Spans {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::new();
        attributes.record(&mut Read(&mut fields));
        context.span(id).unwrap().extensions_mut().insert(fields);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let span = context.span(id).unwrap();
        values.record(&mut Read(span.extensions_mut().get_mut().unwrap()));
    }

    fn on_event(&self, event: &tracing::Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::new();
        event.record(&mut Read(&mut fields));
        let around = context.event_span(event).and_then(|span| {
            span.extensions().get::<Fields>().and_then(|fields| fields.get("url.path").cloned())
        });
        self.events.lock().unwrap().push((fields.remove("message").unwrap_or_default(), around));
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let span = context.span(&id).unwrap();
        if span.metadata().target() == "connect_middleware::trace" {
            let fields = span.extensions_mut().remove().unwrap();
            self.ended.lock().unwrap().push(fields);
        }
    }
}

impl Spans {
    async fn wait(&self, number: usize) -> Vec<Fields> {
        until(&format!("{number} spans"), || {
            let all = self.ended.lock().unwrap().clone();
            (all.len() >= number).then_some(all)
        })
        .await
    }
}

/// The spans of this thread, on which the test's server runs as well.
fn spans() -> (Spans, tracing::subscriber::DefaultGuard) {
    let spans = Spans::default();
    let guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(spans.clone()));
    (spans, guard)
}

#[get("/users/:id")]
async fn user(id: u64) -> String {
    tokio::task::yield_now().await;
    tracing::info!("in the handler");
    format!("user {id}")
}

#[get("/fails")]
async fn fails() -> Result<&'static str> {
    Err(Error::msg("broken"))
}

/// Says when the handler runs.
#[derive(Clone, Default)]
struct Arrived(Arc<Notify>);

#[get("/never")]
async fn never(arrived: &Arrived) -> &'static str {
    arrived.0.notify_one();
    std::future::pending().await
}

#[get("/context")]
fn context(context: &TraceContext) -> String {
    format!("{} {}", context.traceparent(), context.tracestate().unwrap_or("-"))
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

#[error_handler]
fn page(err: Error, res: &mut Response) -> Result {
    tracing::info!("in the error handler");
    res.error(&err).text("sorry")
}

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

#[tokio::test]
async fn a_span_is_named_by_the_route_and_has_the_fields_of_the_conventions() {
    let (spans, _guard) = spans();
    let client = Client::serve(app![Trace::new().all_fields(), "/api" => router![user]]).await.unwrap();
    client.get("/api/users/7?token=secret").header("user-agent", "test/1").send().await.assert_status(200);
    let span = spans.wait(1).await.remove(0);
    for (name, value) in [
        ("otel.name", "GET /api/users/:id"),
        ("otel.kind", "server"),
        ("http.route", "/api/users/:id"),
        ("http.request.method", "GET"),
        ("http.response.status_code", "200"),
        ("http.response.body.size", "6"),
        ("url.path", "/api/users/7"),
        ("url.scheme", "http"),
        ("client.address", "127.0.0.1"),
        ("server.address", "localhost"),
        ("network.protocol.version", "1.1"),
        ("user_agent.original", "test/1"),
    ] {
        assert_eq!(span.get(name).map(String::as_str), Some(value), "{name} in {span:#?}");
    }
    for name in ["otel.status_code", "error.type", "parent_id", "http.request.method_original"] {
        assert_eq!(span.get(name), None, "{name}");
    }
    assert!(!span.values().any(|value| value.contains("secret")), "{span:#?}");
    assert_eq!((span["trace_id"].len(), span["span_id"].len()), (32, 16));
    let events = spans.events.lock().unwrap().clone();
    assert!(events.contains(&("in the handler".to_owned(), Some("/api/users/7".to_owned()))), "{events:?}");
}

#[tokio::test]
async fn by_default_a_span_has_the_fields_that_are_of_use_in_a_log() {
    let (spans, _guard) = spans();
    let client = Client::serve(app![Trace::new(), user, fails]).await.unwrap();
    client.get("/users/7").send().await.assert_status(200);
    client.get("/fails").send().await.assert_status(500);
    let spans = spans.wait(2).await;
    let names: Vec<&str> = spans[0].keys().map(String::as_str).collect();
    assert_eq!(
        names,
        ["http.request.method", "http.response.status_code", "http.route", "trace_id", "url.path"]
    );
    assert_eq!((&*spans[0]["http.route"], &*spans[1]["error.type"]), ("/users/:id", "500"));
}

#[tokio::test]
async fn a_line_of_the_logger_below_is_in_the_span() {
    let (spans, _guard) = spans();
    let client = Client::serve(app![Trace::new(), Logger::new(":method :url :status"), user]).await.unwrap();
    client.get("/users/7").send().await.assert_status(200);
    spans.wait(1).await;
    let events = spans.events.lock().unwrap().clone();
    let line = ("GET /users/7 200".to_owned(), Some("/users/7".to_owned()));
    assert!(events.contains(&line), "{events:?}");
}

#[tokio::test]
async fn what_matches_no_route_has_no_route_and_an_unknown_method_is_other() {
    let (spans, _guard) = spans();
    let client = Client::serve(app![Trace::new().all_fields(), user]).await.unwrap();
    client.get("/wp-login.php").send().await.assert_status(404);
    client.request(Method::from_bytes(b"SCAN").unwrap(), "/x").send().await.assert_status(404);
    let all = spans.wait(2).await;
    assert_eq!(
        (&*all[0]["otel.name"], all[0].get("http.route"), all[0].get("error.type")),
        ("GET", None, None)
    );
    assert_eq!(all[0]["http.response.status_code"], "404");
    let other = &all[1];
    assert_eq!((&*other["http.request.method"], &*other["http.request.method_original"]), ("_OTHER", "SCAN"));
}

#[tokio::test]
async fn an_error_of_the_server_is_one_of_the_span_and_its_handler_runs_in_it() {
    let (spans, _guard) = spans();
    let client = Client::serve(app![Trace::new().all_fields(), fails, page]).await.unwrap();
    client.get("/fails").send().await.assert_status(500);
    let span = spans.wait(1).await.remove(0);
    assert_eq!((&*span["otel.status_code"], &*span["error.type"]), ("ERROR", "500"));
    let events = spans.events.lock().unwrap().clone();
    assert!(events.contains(&("in the error handler".to_owned(), Some("/fails".to_owned()))), "{events:?}");
}

#[tokio::test]
async fn a_span_ends_with_its_stream_and_says_how_it_ended() {
    let ((spans, _guard), gate, arrived) = (spans(), Gate::default(), Arrived::default());
    let client = Client::serve(app![
        provide(gate.clone()),
        provide(arrived.clone()),
        Trace::new().all_fields(),
        long,
        never
    ])
    .await
    .unwrap();
    let mut open = client.get("/stream").open().await;
    assert_eq!(open.chunk().await.unwrap(), "first");
    assert_eq!(spans.ended.lock().unwrap().len(), 0);
    gate.0.notify_one();
    assert_eq!(open.read().await.text(), "second");
    let span = spans.wait(1).await.remove(0);
    assert_eq!((&*span["http.response.body.size"], span.get("error.type")), ("11", None));

    let socket = send_get(&client, "/stream").await;
    read_to(&socket, "first\r\n").await;
    reset(socket);
    let span = spans.wait(2).await.remove(1);
    assert_eq!((&*span["error.type"], span.get("otel.status_code")), ("client_left", None));
    assert_eq!(&*span["http.response.status_code"], "200");

    let socket = send_get(&client, "/never").await;
    arrived.0.notified().await;
    reset(socket);
    let span = spans.wait(3).await.remove(2);
    assert_eq!((&*span["error.type"], &*span["otel.name"]), ("client_left", "GET /never"));
    assert_eq!(span.get("http.response.status_code"), None);
}

#[tokio::test]
async fn a_timeout_above_ends_the_span_with_its_status_and_route() {
    #[middleware]
    async fn impatient(req: &mut Request, res: &mut Response, next: Next) -> Result {
        match tokio::time::timeout(Duration::from_millis(50), next.run(req, res)).await {
            Ok(done) => Ok(done),
            Err(_) => Err(Error::new(503, "too slow")),
        }
    }

    let (spans, _guard) = spans();
    let client =
        Client::serve(app![provide(Arrived::default()), impatient, Trace::new().all_fields(), never])
            .await
            .unwrap();
    client.get("/never").send().await.assert_status(503);
    let span = spans.wait(1).await.remove(0);
    assert_eq!((&*span["otel.name"], &*span["http.response.status_code"]), ("GET /never", "503"));
    assert_eq!((&*span["otel.status_code"], &*span["error.type"]), ("ERROR", "503"));
}

/// The ids and flags of a `traceparent`, and the `tracestate`.
async fn asked(client: &Client, headers: &[(&'static str, &str)]) -> (String, String, String, String) {
    let mut request = client.get("/context");
    for (name, value) in headers {
        // Several of one name are sent as such.
        request = request.header(*name, *value);
    }
    let text = request.send().await.assert_status(200).text().to_owned();
    let (parent, state) = text.split_once(' ').unwrap();
    let parts: Vec<&str> = parent.split('-').collect();
    let [version, trace, span, flags] = parts[..] else { panic!("{text}") };
    assert_eq!((version, trace.len(), span.len(), flags.len()), ("00", 32, 16, 2));
    (trace.to_owned(), span.to_owned(), flags.to_owned(), state.to_owned())
}

#[tokio::test]
async fn a_trusted_trace_goes_on_with_a_span_of_its_own() {
    let (spans, _guard) = spans();
    let client = Client::new(app![Trace::new().all_fields().trust_every_client(), context]);
    let (trace, span, flags, state) =
        asked(&client, &[("traceparent", PARENT), ("tracestate", "a=1, b=2")]).await;
    assert_eq!((&*trace, &*flags, &*state), (TRACE, "01", "a=1,b=2"));
    assert_ne!(span, "00f067aa0ba902b7");
    let ended = spans.wait(1).await.remove(0);
    assert_eq!(
        (&*ended["trace_id"], &*ended["span_id"], &*ended["parent_id"]),
        (TRACE, &*span, "00f067aa0ba902b7")
    );
}

#[tokio::test]
async fn what_the_caller_has_not_sampled_is_not_sampled() {
    let client = Client::new(app![Trace::new().trust_every_client(), context]);
    let unsampled = PARENT.replace("-01", "-00");
    let (trace, _, flags, _) = asked(&client, &[("traceparent", &unsampled)]).await;
    assert_eq!((&*trace, &*flags), (TRACE, "00"));
    let (_, _, flags, _) = asked(&client, &[]).await;
    assert_eq!(flags, "03", "a trace that begins here is sampled and its id is random");
    let client = Client::new(app![Trace::new().trust_every_client().sample(|_| false), context]);
    assert_eq!(asked(&client, &[]).await.2, "02");
    assert_eq!(asked(&client, &[("traceparent", PARENT)]).await.2, "01");
}

#[tokio::test]
async fn a_header_that_is_not_valid_begins_a_new_trace() {
    let client = Client::new(app![Trace::new().trust_every_client(), context]);
    for parent in
        [PARENT.to_uppercase(), PARENT.replace("00-4", "ff-4"), format!("{PARENT}-"), "x".to_owned()]
    {
        let (trace, _, _, state) = asked(&client, &[("traceparent", &parent), ("tracestate", "a=1")]).await;
        assert_ne!(trace, TRACE, "{parent}");
        assert_eq!(state, "-", "a state without its parent is of no trace");
    }
    let (trace, _, _, state) = asked(&client, &[("traceparent", PARENT), ("tracestate", "A=1")]).await;
    assert_eq!((&*trace, &*state), (TRACE, "-"));
}

#[tokio::test]
async fn a_client_is_not_trusted_unless_the_app_says_so() {
    let client = Client::new(app![Trace::new(), context]);
    let (first, ..) = asked(&client, &[("traceparent", PARENT)]).await;
    let (second, ..) = asked(&client, &[("traceparent", PARENT)]).await;
    assert!(first != TRACE && second != TRACE && first != second);
    let gateway = Trace::new().trust(|req| req.header("x-gateway") == Some("yes"));
    let client = Client::new(app![gateway, context]);
    assert_ne!(asked(&client, &[("traceparent", PARENT)]).await.0, TRACE);
    assert_eq!(asked(&client, &[("traceparent", PARENT), ("x-gateway", "yes")]).await.0, TRACE);
}

#[tokio::test]
async fn an_exporter_may_set_the_ids_before_anything_runs_in_the_span() {
    let (spans, _guard) = spans();
    let trace = Trace::new().all_fields().on_span(|_, context| {
        context.set_ids([1; 16], [2; 8]).set_sampled(false);
    });
    let client = Client::new(app![trace, context]);
    let (trace, span, flags, _) = asked(&client, &[]).await;
    assert_eq!((trace, span, &*flags), ("01".repeat(16), "02".repeat(8), "02"));
    assert_eq!(spans.wait(1).await[0]["span_id"], "02".repeat(8));
}

#[tokio::test]
async fn without_a_subscriber_there_is_no_span_and_the_context_is_there() {
    let called = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&called);
    let trace = Trace::new().on_span(move |_, _| seen.store(true, Relaxed)).trust_every_client();
    let client = Client::new(app![trace, context]);
    let guard = tracing::subscriber::set_default(tracing::subscriber::NoSubscriber::default());
    assert_eq!(asked(&client, &[("traceparent", PARENT)]).await.0, TRACE);
    assert!(!called.load(Relaxed));
    drop(guard);
}
