//! The program over sockets, with a collector that keeps what it gets.

use std::sync::{Arc, Mutex};

use connect::testing::Client;
use connect::{Request, Response, Result, app, post, provide};
use observed::{Exporter, observed};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use prost::Message as _;
use tracing_subscriber::layer::SubscriberExt as _;

/// The spans that have arrived.
#[derive(Clone, Default)]
struct Collected(Arc<Mutex<Vec<Span>>>);

/// What a collector answers (OTLP 1.5, section "OTLP/HTTP"): an empty message is no bytes.
#[post("/v1/traces")]
async fn traces(collected: &Collected, req: &mut Request, res: &mut Response) -> Result {
    assert_eq!(req.header("content-type"), Some("application/x-protobuf"));
    let export = ExportTraceServiceRequest::decode(req.bytes().await?)?;
    let scopes = export.resource_spans.into_iter().flat_map(|resource| resource.scope_spans);
    collected.0.lock().unwrap().extend(scopes.flat_map(|scope| scope.spans));
    res.set("content-type", "application/x-protobuf").end("")
}

/// The text of an attribute.
fn attribute(span: &Span, key: &str) -> Option<String> {
    let pair = span.attributes.iter().find(|pair| pair.key == key)?;
    match pair.value.as_ref()?.value.as_ref()? {
        Value::StringValue(text) => Some(text.clone()),
        Value::IntValue(number) => Some(number.to_string()),
        other => panic!("{key} is {other:?}"),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";

// The exporter's thread has a runtime of its own, and the collector must go on while it is waited for.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn spans_have_the_name_of_their_route_the_parent_of_the_caller_and_the_error() {
    let collected = Collected::default();
    let collector = Client::serve(app![provide(collected.clone()), traces]).await.unwrap();
    let address = format!("http://{}", collector.address().unwrap());
    let exporter = Exporter::new(&address).unwrap();
    let subscriber = tracing_subscriber::registry().with(exporter.layer());
    tracing::subscriber::set_global_default(subscriber).unwrap();

    let client = Client::serve(observed()).await.unwrap();
    let get = |path: &str, flags: &str| {
        client
            .get(path)
            .header("traceparent", format!("00-{TRACE}-{PARENT}-{flags}"))
            .header("tracestate", "a=1")
    };
    get("/notes/7", "01").send().await.assert_text("note 7");
    get("/broken", "01").send().await.assert_status(500);
    let upstream = get("/upstream", "01").send().await.text().to_owned();
    // The caller does not sample this one.
    let unsampled = get("/upstream", "00").send().await.text().to_owned();
    client.get("/notes/8").send().await.assert_status(200);
    client.get("/none").send().await.assert_status(404);
    client.get("/metrics").send().await.assert_contains("route=\"/notes/:id\",status=\"200\"} 2");
    tokio::task::spawn_blocking(move || exporter.shutdown()).await.unwrap().unwrap();

    let spans = collected.0.lock().unwrap().clone();
    let named = |name: &str| {
        let found: Vec<_> = spans.iter().filter(|span| span.name == name).collect();
        assert!(!found.is_empty(), "{name} in {:?}", spans.iter().map(|span| &span.name).collect::<Vec<_>>());
        found
    };
    let notes = named("GET /notes/:id");
    let [first, second] = notes[..] else { panic!("{notes:?}") };
    assert_eq!((&*hex(&first.trace_id), &*hex(&first.parent_span_id)), (TRACE, PARENT));
    assert_eq!(first.trace_state, "a=1");
    assert_eq!(attribute(first, "http.route").unwrap(), "/notes/:id");
    assert_eq!(attribute(first, "url.path").unwrap(), "/notes/7");
    assert_eq!(attribute(first, "http.response.status_code").unwrap(), "200");
    assert_eq!(attribute(first, "trace_id").unwrap(), TRACE);
    // `SPAN_KIND_SERVER`.
    assert_eq!(first.kind, 2);
    assert!(first.status.as_ref().is_none_or(|status| status.code() == StatusCode::Unset));
    assert!(first.events.iter().any(|event| event.name == "looking for a note"), "{first:?}");
    // Without a parent it begins a trace of its own.
    assert!(second.parent_span_id.is_empty() && hex(&second.trace_id) != TRACE);

    let broken = named("GET /broken")[0];
    assert_eq!(broken.status.as_ref().unwrap().code(), StatusCode::Error);
    assert_eq!(attribute(broken, "error.type").unwrap(), "500");
    let none = named("GET")[0];
    assert_eq!(attribute(none, "http.route"), None);

    // What another service gets is the id that the collector has.
    let exported = named("GET /upstream");
    assert_eq!(exported.len(), 1, "one of the two is not sampled");
    assert_eq!(upstream, format!("00-{TRACE}-{}-01", hex(&exported[0].span_id)));
    assert!(unsampled.starts_with(&format!("00-{TRACE}-")) && unsampled.ends_with("-00"), "{unsampled}");
}
