//! A `tracing` span for each request, with the fields of OpenTelemetry, and W3C trace context: [`Trace`].
//!
//! ```
//! use connect::{app, get};
//! use connect_middleware::trace::{Trace, TraceContext};
//!
//! #[get("/users/:id")]
//! async fn user(id: u64, context: &TraceContext) -> String {
//!     // In the span of this request: `GET /users/:id`.
//!     tracing::info!("looking for a user");
//!     // For a request to another service.
//!     let header = ("traceparent", context.traceparent());
//!     format!("user {id} with {header:?}")
//! }
//!
//! let app = app![Trace::new().trust_every_client(), user];
//! ```
//!
//! Everything below runs in the span: layers, handlers, error handlers and the final handler. The span ends when the response is
//! finished: after the last byte of a stream, and also if the client disconnects or a timeout above drops the layers.
//!
//! `examples/opentelemetry` sends the spans to a collector.
//!
//! # Fields
//! The span is `request` at the level `INFO` with the target `connect_middleware::trace`. Its fields follow the semantic conventions of
//! OpenTelemetry for HTTP servers.
//!
//! | field | |
//! |---|---|
//! | `http.request.method` | one of the known methods, or `_OTHER`; then `http.request.method_original` is what was sent |
//! | `url.path`, `url.scheme` | without the query, which may hold secrets |
//! | `server.address`, `client.address`, `user_agent.original`, `network.protocol.version` | as far as they are known |
//! | `trace_id`, `span_id`, `parent_id` | the trace context, so that lines of a log can be found by it |
//! | `otel.kind` | `server` |
//! | `http.route`, `otel.name` | the pattern of the route and `GET /users/:id`, at the end; without a route the name is the method |
//! | `http.response.status_code`, `http.response.body.size` | at the end |
//! | `otel.status_code` | `ERROR` for a status of 500 and more, and for a response that is not complete unless the client has left |
//! | `error.type` | the status, if it is 500 or more, or `client_left`, `timed_out`, `shutdown`, `failed` |
//!
//! # Options
//! | option | type | default | effect |
//! |---|---|---|---|
//! | [`trust`](Trace::trust) | function of the request | no client | whose `traceparent` is continued |
//! | [`trust_every_client`](Trace::trust_every_client) | | off | for services that only other services reach |
//! | [`sample`](Trace::sample) | function of the request | all | whether a trace that begins here is sampled |
//! | [`on_span`](Trace::on_span) | function of the span and the context | none | connects the span to an exporter |
//! | [`on_end`](Trace::on_end) | function of the span and its name | none | renames the span where an exporter does not read `otel.name` at the end |
//!
//! With a `traceparent` that is trusted, its trace goes on, and its flags apply: what the caller has not sampled is not. Otherwise a new
//! trace begins. A client that is trusted can have everything sampled, and can put its requests into the traces of others: trust your
//! own gateway and services.
//!
//! A header that is not valid (W3C Trace Context, section 3.2) begins a new trace, and a `tracestate` that is not valid is dropped.
//!
//! A request that is not sampled has a span, too, since logs need one: the sampler of the exporter leaves it out. The function of
//! `on_span` sees the flag.
//!
//! # Needs and provides
//! It provides the [`TraceContext`]. Without a subscriber that is interested in the span, the context is all that is made.
//!
//! # What goes wrong
//! Nothing changes what the client gets. If the operating system has no random numbers, ids are made of the time and a counter.
//!
//! # Differences from Express
//! Express has none. `@opentelemetry/instrumentation-express` makes a span for each layer, and continues the trace of every client.

mod context;
mod parse;

use std::fmt;
use std::sync::Arc;

use connect::{
    Declared, Declares, Ended, Facts, Finish, IntoLayer, Layer, Next, Request, Response, Rest, Result,
    Stated, StatesFacts,
};
use http::{Method, Version};
use tracing::field::{Empty, display};
use tracing::{Instrument as _, Span};

pub use self::context::TraceContext;

/// Makes a span for each request, and provides its [`TraceContext`].
pub struct Trace {
    trust: Option<Decide>,
    sample: Option<Decide>,
    on_span: Option<OnSpan>,
    on_end: Option<OnEnd>,
}

// Type-erased: functions of the user's.
type Decide = Box<dyn Fn(&Request) -> bool + Send + Sync>;
type OnSpan = Box<dyn Fn(&Span, &mut TraceContext) + Send + Sync>;
// Shared with the end of each response.
type OnEnd = Arc<dyn Fn(&Span, &str) + Send + Sync>;

impl Default for Trace {
    fn default() -> Self {
        Self::new()
    }
}

impl Trace {
    /// Begins a trace for each request.
    #[must_use]
    pub fn new() -> Self {
        Trace { trust: None, sample: None, on_span: None, on_end: None }
    }

    /// Continues the trace of requests for which a function returns `true`. By default none.
    ///
    /// ```
    /// use connect_middleware::trace::Trace;
    ///
    /// // The gateway is on the same machine.
    /// let trace = Trace::new().trust(|req| req.peer().is_some_and(|peer| peer.ip().is_loopback()));
    /// ```
    #[must_use]
    pub fn trust(mut self, is_trusted: impl Fn(&Request) -> bool + Send + Sync + 'static) -> Self {
        self.trust = Some(Box::new(is_trusted));
        self
    }

    /// Continues the trace of every request that is in one: where only your own services reach the app.
    #[must_use]
    pub fn trust_every_client(self) -> Self {
        self.trust(|_| true)
    }

    /// Sets which traces that begin here are sampled. By default all. A trace that is continued has the flag of the caller.
    #[must_use]
    pub fn sample(mut self, is_sampled: impl Fn(&Request) -> bool + Send + Sync + 'static) -> Self {
        self.sample = Some(Box::new(is_sampled));
        self
    }

    /// Sets a function that is called with each span before anything runs in it, and may set the ids of the context to those that
    /// an exporter has given the span. With `tracing-opentelemetry` it sets the parent: see `examples/opentelemetry`. By default none.
    #[must_use]
    pub fn on_span(mut self, call: impl Fn(&Span, &mut TraceContext) + Send + Sync + 'static) -> Self {
        self.on_span = Some(Box::new(call));
        self
    }

    /// Sets a function that is called with each span and its name, such as `GET /users/:id`, when the response is finished.
    /// `tracing-opentelemetry` reads the field `otel.name` only before the span has begun, when the route is not known: there the
    /// function sets the name. By default none.
    #[must_use]
    pub fn on_end(mut self, call: impl Fn(&Span, &str) + Send + Sync + 'static) -> Self {
        self.on_end = Some(Arc::new(call));
        self
    }

    fn context(&self, req: &Request) -> TraceContext {
        let is_trusted = self.trust.as_ref().is_some_and(|is_trusted| is_trusted(req));
        let parent = if is_trusted { TraceContext::continued(req.headers()) } else { None };
        parent.unwrap_or_else(|| {
            let is_sampled = self.sample.as_ref().is_none_or(|is_sampled| is_sampled(req));
            TraceContext::begin(is_sampled)
        })
    }
}

impl fmt::Debug for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trace").finish_non_exhaustive()
    }
}

/// The facts of [`Trace`].
#[derive(Debug)]
pub struct TraceFacts;

impl StatesFacts for TraceFacts {
    const FACTS: Facts = Facts::of("Trace");
}

impl IntoLayer for Trace {
    type Layer = Stated<Declared<TraceLayer, Declares<(), (TraceContext,)>>, TraceFacts>;

    fn into_layer(self) -> Self::Layer {
        Stated::new(Declared::new(TraceLayer(self)))
    }
}

/// What [`Trace`] becomes in a list.
#[derive(Debug)]
pub struct TraceLayer(Trace);

impl Layer for TraceLayer {
    async fn run<R: Rest>(&self, req: &mut Request, res: &mut Response, next: Next<(), R>) -> Result {
        let mut context = self.0.context(req);
        let (method, original) = known(req.method());
        // The macro asks whether a subscriber is interested before it looks at the fields.
        let span = tracing::info_span!(
            "request",
            "otel.kind" = "server",
            "otel.name" = method,
            "http.request.method" = method,
            "http.request.method_original" = original,
            "url.path" = req.original_uri().path(),
            "url.scheme" = req.scheme(),
            "server.address" = req.hostname(),
            "client.address" = req.ip().map(display),
            "user_agent.original" = req.header("user-agent"),
            "network.protocol.version" = version(req.version()),
            "trace_id" = Empty,
            "span_id" = Empty,
            "parent_id" = Empty,
            "http.route" = Empty,
            "http.response.status_code" = Empty,
            "http.response.body.size" = Empty,
            "otel.status_code" = Empty,
            "error.type" = Empty,
        );
        if span.is_disabled() {
            req.provide(context);
            return next.pass();
        }
        if let Some(on_span) = &self.0.on_span {
            on_span(&span, &mut context);
        }
        context.record(&span);
        req.provide(context);
        let (route, until_end, on_end) = (req.matched_route(), span.clone(), self.0.on_end.clone());
        res.on_finish(move |finish| {
            let route = route.pattern().map(|route| route.to_string());
            let name = route.as_ref().map_or_else(|| method.to_owned(), |route| format!("{method} {route}"));
            record(&until_end, &name, route.as_deref(), &finish);
            if let Some(on_end) = on_end {
                on_end(&until_end, &name);
            }
        });
        Ok(next.run(req, res).instrument(span).await)
    }

    fn name(&self) -> &str {
        "Trace"
    }
}

/// Records what is known at the end.
fn record(span: &Span, name: &str, route: Option<&str>, finish: &Finish) {
    if let Some(route) = route {
        span.record("http.route", route);
        span.record("otel.name", name);
    }
    let status = finish.status.map(|status| status.as_u16());
    if let Some(status) = status {
        span.record("http.response.status_code", status);
        span.record("http.response.body.size", finish.bytes);
    }
    let ended = match finish.ended {
        Ended::Complete => None,
        Ended::ClientLeft => Some("client_left"),
        Ended::TimedOut => Some("timed_out"),
        Ended::Shutdown => Some("shutdown"),
        _ => Some("failed"),
    };
    match (status.filter(|status| *status >= 500), ended) {
        (Some(status), _) => span.record("error.type", display(status)),
        (None, Some(ended)) => span.record("error.type", ended),
        (None, None) => return,
    };
    // That a client leaves is no error of the server.
    if status.is_some_and(|status| status >= 500) || finish.ended != Ended::ClientLeft {
        span.record("otel.status_code", "ERROR");
    }
}

/// The method as the conventions write it, and what was sent if it is none of theirs.
fn known(method: &Method) -> (&'static str, Option<&str>) {
    const KNOWN: [&str; 9] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "CONNECT"];
    match KNOWN.into_iter().find(|known| method == known) {
        Some(known) => (known, None),
        None => ("_OTHER", Some(method.as_str())),
    }
}

fn version(version: Version) -> &'static str {
    match version {
        Version::HTTP_09 => "0.9",
        Version::HTTP_10 => "1.0",
        Version::HTTP_2 => "2",
        Version::HTTP_3 => "3",
        _ => "1.1",
    }
}
