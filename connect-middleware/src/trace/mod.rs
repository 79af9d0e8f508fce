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
//! | `url.path` | without the query, which may hold secrets |
//! | `trace_id` | the trace, so that lines of a log can be found by it |
//! | `http.route` | the pattern of the route, at the end |
//! | `http.response.status_code` | at the end |
//! | `error.type` | the status, if it is 500 or more, or `client_left`, `timed_out`, `shutdown`, `failed` |
//!
//! A log repeats the fields of a span on each line, so the others have to be asked for, with
//! [`all_fields`](Trace::all_fields):
//!
//! | field | |
//! |---|---|
//! | `otel.kind` | `server` |
//! | `otel.name` | `GET /users/:id`, at the end; without a route the method |
//! | `otel.status_code` | `ERROR` for a status of 500 and more, and for a response that is not complete unless the client has left |
//! | `span_id`, `parent_id` | of the trace context |
//! | `url.scheme`, `server.address`, `client.address`, `user_agent.original`, `network.protocol.version` | as far as they are known |
//! | `http.response.body.size` | at the end |
//!
//! # Options
//! | option | type | default | effect |
//! |---|---|---|---|
//! | [`trust`](Trace::trust) | function of the request | no client | whose `traceparent` is continued |
//! | [`trust_every_client`](Trace::trust_every_client) | | off | for services that only other services reach |
//! | [`sample`](Trace::sample) | function of the request | all | whether a trace that begins here is sampled |
//! | [`all_fields`](Trace::all_fields) | | off | the fields that an exporter of spans reads |
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
    RoutePattern, Stated, StatesFacts,
};
use http::{Method, Version};
use tracing::field::Empty;
use tracing::{Instrument as _, Span};

pub use self::context::TraceContext;

/// Makes a span for each request, and provides its [`TraceContext`].
pub struct Trace {
    trust: Option<Decide>,
    sample: Option<Decide>,
    all_fields: bool,
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
        Trace { trust: None, sample: None, all_fields: false, on_span: None, on_end: None }
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

    /// Gives the spans [all fields](self#fields) of the conventions, for an exporter such as `tracing-opentelemetry`. By default they have
    /// those that are of use in a log.
    #[must_use]
    pub fn all_fields(mut self) -> Self {
        self.all_fields = true;
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
        let all = self.0.all_fields;
        // Where a function may set the ids, they are recorded when it has.
        let ids = self.0.on_span.is_none().then_some(&context);
        // The macro asks whether a subscriber is interested before it looks at the fields.
        let span = tracing::info_span!(
            "request",
            "http.request.method" = method,
            "http.request.method_original" = original,
            "url.path" = req.original_uri().path(),
            "trace_id" = ids.map(TraceContext::shown_trace_id),
            "span_id" = ids.filter(|_| all).map(TraceContext::shown_span_id),
            "parent_id" = ids.filter(|_| all).and_then(TraceContext::shown_parent_id),
            "otel.kind" = all.then_some("server"),
            "otel.name" = all.then_some(method),
            "url.scheme" = all.then(|| req.scheme()),
            "server.address" = all.then(|| req.hostname()).flatten(),
            "client.address" = all.then(|| req.ip().map(display)).flatten(),
            "user_agent.original" = all.then(|| req.header("user-agent")).flatten(),
            "network.protocol.version" = all.then(|| version(req.version())),
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
            context.record(&span, all);
        }
        req.provide(context);
        let (route, until_end, on_end) = (req.matched_route(), span.clone(), self.0.on_end.clone());
        res.on_finish(move |finish| {
            let route = route.pattern();
            record(&until_end, method, route.as_ref(), &finish, all);
            if let Some(on_end) = on_end {
                match &route {
                    Some(route) => on_end(&until_end, &format!("{method} {route}")),
                    None => on_end(&until_end, method),
                }
            }
        });
        Ok(next.run(req, res).instrument(span).await)
    }

    fn name(&self) -> &str {
        "Trace"
    }
}

/// Records what is known at the end, in one call: a subscriber has work with each.
fn record(span: &Span, method: &str, route: Option<&RoutePattern>, finish: &Finish, all: bool) {
    let status = finish.status.map(|status| status.as_u16());
    let failed = status.filter(|status| *status >= 500);
    let ended = match finish.ended {
        Ended::Complete => None,
        Ended::ClientLeft => Some("client_left"),
        Ended::TimedOut => Some("timed_out"),
        Ended::Shutdown => Some("shutdown"),
        _ => Some("failed"),
    };
    // That a client leaves is no error of the server.
    let is_error = failed.is_some() || ended.is_some() && finish.ended != Ended::ClientLeft;
    tracing::record_all!(
        span,
        "http.route" = route.map(display),
        "http.response.status_code" = status,
        "error.type" = failed.map(|status| status.to_string()).as_deref().or(ended),
        "otel.name" = route.filter(|_| all).map(|route| format!("{method} {route}")).as_deref(),
        "otel.status_code" = (all && is_error).then_some("ERROR"),
        "http.response.body.size" = status.filter(|_| all).map(|_| finish.bytes),
    );
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
