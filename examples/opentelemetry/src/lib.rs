//! Spans of requests, sent to an OpenTelemetry collector; metrics for Prometheus and a log beside them.
//!
//! ```sh
//! OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318 cargo run -p opentelemetry-example
//! ```
//!
//! 1. [`Trace`] makes a span for each request. The layer of `tracing-opentelemetry` makes an OpenTelemetry span of it.
//! 2. [`trace`] connects the two: the parent is the caller's span, of `traceparent`, and the ids that handlers send to other services are
//!    those that the collector knows the span by. At the end it has the name of its route.
//! 3. The exporter sends the spans in batches, from a thread of its own. [`Exporter::shutdown`] sends the last ones.

use connect::{App, Chain, Error, Result, app, get};
use connect_middleware::logger::Logger;
use connect_middleware::metrics::Metrics;
use connect_middleware::trace::{Trace, TraceContext};
use opentelemetry::trace::{
    SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState, TracerProvider as _,
};
use opentelemetry_otlp::{SpanExporter, WithExportConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
use tracing::Subscriber;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::Layer;
use tracing_subscriber::registry::LookupSpan;

/// Sends spans to a collector.
#[derive(Debug)]
pub struct Exporter(SdkTracerProvider);

impl Exporter {
    /// An exporter to the address of a collector, such as `http://127.0.0.1:4318`.
    ///
    /// # Errors
    /// If the address is none.
    pub fn new(collector: &str) -> Result<Self> {
        let exporter =
            SpanExporter::builder().with_http().with_endpoint(format!("{collector}/v1/traces")).build()?;
        let provider = SdkTracerProvider::builder()
            // What a caller has not sampled is not exported.
            .with_sampler(Sampler::ParentBased(Box::new(Sampler::AlwaysOn)))
            .with_resource(Resource::builder().with_service_name("notes").build())
            .with_batch_exporter(exporter)
            .build();
        Ok(Exporter(provider))
    }

    /// The layer for a subscriber.
    pub fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        tracing_opentelemetry::layer().with_tracer(self.0.tracer("connect"))
    }

    /// Sends what waits to be sent. It blocks.
    ///
    /// # Errors
    /// If the collector cannot be reached.
    pub fn flush(&self) -> Result<()> {
        Ok(self.0.force_flush()?)
    }

    /// Sends what waits to be sent, and ends. It blocks.
    ///
    /// # Errors
    /// If the collector cannot be reached.
    pub fn shutdown(&self) -> Result<()> {
        Ok(self.0.shutdown()?)
    }
}

/// Spans that OpenTelemetry knows the parent and the name of.
pub fn trace() -> Trace {
    Trace::new()
        .all_fields()
        // For services that only a gateway reaches; in front of the internet, trust the gateway's address.
        .trust_every_client()
        .on_span(|span, context| {
            if let Some(parent) = parent(context) {
                // It fails where the layer of OpenTelemetry does not see the span.
                let _ = span.set_parent(opentelemetry::Context::new().with_remote_span_context(parent));
            }
            let exported = span.context();
            let exported = exported.span().span_context().clone();
            if exported.is_valid() {
                context.set_ids(exported.trace_id().to_bytes(), exported.span_id().to_bytes());
                context.set_sampled(exported.is_sampled());
            }
        })
        .on_end(|span, name| span.context().span().update_name(name.to_owned()))
}

/// The caller's span.
fn parent(context: &TraceContext) -> Option<SpanContext> {
    let (trace, span) = (TraceId::from_bytes(context.trace_id()), SpanId::from_bytes(context.parent_id()?));
    let state = context.tracestate().and_then(|state| state.parse::<TraceState>().ok()).unwrap_or_default();
    Some(SpanContext::new(trace, span, TraceFlags::new(context.flags()), true, state))
}

/// The application.
pub fn observed() -> App<impl Chain> {
    let metrics = Metrics::new();
    app![
        "/metrics" => metrics.endpoint(),
        metrics,
        trace(),
        Logger::new(":method :url :status :total-time ms :ended"),
        note,
        upstream,
        broken,
    ]
}

#[get("/notes/:id")]
async fn note(id: u64) -> String {
    tracing::info!(id, "looking for a note");
    format!("note {id}")
}

/// The header for a request to another service, which is then part of the same trace.
#[get("/upstream")]
fn upstream(context: &TraceContext) -> String {
    context.traceparent()
}

#[get("/broken")]
fn broken() -> Result<&'static str> {
    Err(Error::msg("the database is gone"))
}
