//! Counters of requests, in the text format of Prometheus: [`Metrics`].
//!
//! ```
//! use connect::{app, get};
//! use connect_middleware::metrics::Metrics;
//!
//! #[get("/users/:id")]
//! fn user(id: u64) -> String {
//!     format!("user {id}")
//! }
//!
//! let metrics = Metrics::new();
//! let app = app!["/metrics" => metrics.endpoint(), metrics, user];
//! ```
//!
//! Every client that can reach the app can read `/metrics`: put a guard in front of it, or serve it in an app of its own on another
//! address. In the list above, requests of Prometheus itself are not counted; behind `metrics` they are, without a route.
//!
//! | metric | type | labels | |
//! |---|---|---|---|
//! | `http_requests_total` | counter | `method`, `route`, `status` | requests that are finished |
//! | `http_requests_in_flight` | gauge | | requests that are not |
//! | `http_request_duration_seconds` | histogram | `method`, `route`, `status` | from this layer to the end of the response |
//! | `http_request_body_bytes_total` | counter | `method`, `route`, `status` | by the `Content-Length` of requests |
//! | `http_response_body_bytes_total` | counter | `method`, `route`, `status` | what was given to the connection |
//! | `http_requests_unfinished_total` | counter | `ended`, `method`, `route` | responses that are not complete |
//!
//! - `method` is one of the nine methods of RFC 9110 and RFC 5789, or `other`: clients choose what they send.
//! - `route` is the pattern, with those of the mounts around it: `/users/:id`. What has matched no route has `none`: the path is
//!   never a label, since scanners send any number of them.
//! - `status` is what was sent. If the client [disconnected](connect::Ended::ClientLeft) before there was a response, it is `499`; if
//!   the server shut down before, `none`.
//! - `ended` is `client_left`, `timed_out` (the client did not read the response), `shutdown` or `failed` (the body).
//!
//! A request counts when its response is finished: when the last byte of a stream was given to the connection, or the client has
//! disconnected. A timeout above this layer and a client that disconnects are counted with the route that had matched by then.
//!
//! # Options
//! | option | type | default | effect |
//! |---|---|---|---|
//! | [`buckets`](Metrics::buckets) | seconds | 5 ms to 10 s, in 11 buckets | the upper bounds of the histogram |
//! | [`max_series`](Metrics::max_series) | number | 2000 | combinations of labels; further ones are one series, whose labels are `overflow` |
//! | [`append`](Metrics::append) | function | none | writes metrics of your own behind these |
//! | [`endpoint`](Metrics::endpoint) | layer | | serves the metrics |
//! | [`render`](Metrics::render) | | | the text, for a route of your own |
//!
//! A clone is a handle of the same metrics.
//!
//! # Needs and provides
//! Nothing. A request that a layer above answers by itself is not counted: list this one first.
//!
//! # Cost
//! Four allocations for a request, and one when the response is sent. A request of a known series formats nothing and allocates no labels: it finds its numbers by the
//! route's pattern, and adds to those of its thread, under a lock that other threads rarely take.
//!
//! # What goes wrong
//! Buckets that do not increase are a panic when they are set. Nothing changes what the client gets. Only `GET` and `HEAD` reach the
//! endpoint; other methods go on.
//!
//! # Differences from Express
//! Express has none of its own. `express-prom-bundle` labels by the path unless it is told how to normalize it, and does not see
//! requests whose client has disconnected.

mod series;
mod text;

use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Instant;

use connect::{
    Ended, Facts, Finish, IntoLayer, Next, PlainFn, PlainLayer, Request, Response, Result, Stated,
    StatesFacts,
};
use http::{HeaderValue, Method, header};

use self::series::{Key, Observed, Registry};
pub use self::text::escape_label;

/// The media type of the text format (version 0.0.4).
const CONTENT_TYPE: HeaderValue = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");

/// The default upper bounds, in seconds: those of Prometheus' client libraries.
const BUCKETS: [f64; 11] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// Counts requests by method, route and status. A clone is a handle of the same metrics.
#[derive(Clone)]
pub struct Metrics(Arc<Shared>);

// Type-erased: a function of the user's, called when the metrics are read.
type Append = Box<dyn Fn(&mut String) + Send + Sync>;

struct Shared {
    in_flight: AtomicI64,
    registry: RwLock<Arc<Registry>>,
    append: Mutex<Vec<Append>>,
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// Metrics with the default buckets.
    #[must_use]
    pub fn new() -> Self {
        Metrics(Arc::new(Shared {
            in_flight: AtomicI64::new(0),
            registry: RwLock::new(Arc::new(Registry::new(BUCKETS.to_vec(), 2000))),
            append: Mutex::default(),
        }))
    }

    /// Sets the upper bounds of the histogram's buckets, in seconds: by default 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5
    /// and 10. The bucket `+Inf` is always there. What was counted before is dropped.
    ///
    /// # Panics
    /// If they do not increase, or one is not a finite number.
    #[must_use]
    pub fn buckets(self, seconds: impl IntoIterator<Item = f64>) -> Self {
        let bounds: Vec<f64> = seconds.into_iter().collect();
        assert!(
            bounds.iter().all(|bound| bound.is_finite()),
            "the buckets {bounds:?} have to be finite: +Inf is always there"
        );
        assert!(bounds.windows(2).all(|pair| pair[0] < pair[1]), "the buckets {bounds:?} have to increase");
        let limit = self.registry().limit();
        self.set(Registry::new(bounds, limit));
        self
    }

    /// Sets how many combinations of labels there are at most: by default 2000. Requests with others are counted together, in a
    /// series whose labels are all `overflow`. What was counted before is dropped.
    #[must_use]
    pub fn max_series(self, number: usize) -> Self {
        let bounds = self.registry().bounds().to_vec();
        self.set(Registry::new(bounds, number));
        self
    }

    /// Adds a function that writes metrics of your own behind these, each time that they are read: lines of the text format, the last
    /// one with its line break. [`escape_label`] is for values of labels.
    ///
    /// ```
    /// use connect_middleware::metrics::Metrics;
    /// use std::fmt::Write as _;
    /// use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
    ///
    /// static ORDERS: AtomicU64 = AtomicU64::new(0);
    ///
    /// let metrics = Metrics::new().append(|text| {
    ///     let _ = writeln!(text, "# HELP orders_total Orders.\n# TYPE orders_total counter\norders_total {}", ORDERS.load(Relaxed));
    /// });
    /// ORDERS.fetch_add(2, Relaxed);
    /// assert!(metrics.render().ends_with("orders_total 2\n"));
    /// ```
    ///
    /// The registry of a crate such as `prometheus` is written the same way, with its encoder.
    #[must_use]
    pub fn append(self, write: impl Fn(&mut String) + Send + Sync + 'static) -> Self {
        self.0.append.lock().unwrap_or_else(PoisonError::into_inner).push(Box::new(write));
        self
    }

    /// A layer that answers `GET` and `HEAD` with the metrics, to be mounted at a path: `"/metrics" => metrics.endpoint()`.
    #[must_use]
    pub fn endpoint(&self) -> Endpoint {
        Endpoint(self.clone())
    }

    /// The metrics as text. The media type of a response with them is `text/plain; version=0.0.4`.
    #[must_use]
    pub fn render(&self) -> String {
        let mut text = String::new();
        text::write(&mut text, &self.registry(), self.0.in_flight.load(Relaxed));
        for append in &*self.0.append.lock().unwrap_or_else(PoisonError::into_inner) {
            append(&mut text);
        }
        text
    }

    fn registry(&self) -> Arc<Registry> {
        Arc::clone(&self.0.registry.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn set(&self, registry: Registry) {
        *self.0.registry.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(registry);
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").field("in_flight", &self.0.in_flight).finish_non_exhaustive()
    }
}

/// The facts of [`Metrics`].
#[derive(Debug)]
pub struct MetricsFacts;

impl StatesFacts for MetricsFacts {
    const FACTS: Facts = Facts::of("Metrics");
}

impl IntoLayer for Metrics {
    type Layer = Stated<MetricsLayer, MetricsFacts>;

    fn into_layer(self) -> Self::Layer {
        let registry = self.registry();
        Stated::new(MetricsLayer { shared: self.0, registry })
    }
}

/// What [`Metrics`] becomes in a list.
pub struct MetricsLayer {
    shared: Arc<Shared>,
    registry: Arc<Registry>,
}

impl fmt::Debug for MetricsLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MetricsLayer").field("in_flight", &self.shared.in_flight).finish_non_exhaustive()
    }
}

impl PlainLayer for MetricsLayer {
    fn run(&self, req: &mut Request, res: &mut Response, next: Next<(), PlainFn>) -> Result {
        let (shared, registry) = (Arc::clone(&self.shared), Arc::clone(&self.registry));
        let (route, method) = (req.matched_route(), known(req.method()));
        let length = req.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        shared.in_flight.fetch_add(1, Relaxed);
        let start = Instant::now();
        res.on_finish(move |finish| {
            shared.in_flight.fetch_sub(1, Relaxed);
            let key = Key { method, route: route.pattern(), status: status(&finish) };
            let observed = Observed {
                duration: start.elapsed(),
                request_bytes: length,
                response_bytes: finish.bytes,
                ended: finish.ended,
            };
            registry.count(key, &observed);
        });
        next.pass()
    }

    fn name(&self) -> &str {
        "Metrics"
    }
}

/// The status that was sent, or 499 where the client did not wait for one. 0 stands for none.
fn status(finish: &Finish) -> u16 {
    match (finish.status, finish.ended) {
        (Some(status), _) => status.as_u16(),
        (None, Ended::ClientLeft) => 499,
        (None, _) => 0,
    }
}

/// The label of a method: clients may send any word.
fn known(method: &Method) -> &'static str {
    const KNOWN: [&str; 9] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "CONNECT"];
    KNOWN.into_iter().find(|known| method == known).unwrap_or("other")
}

/// Serves the metrics: see [`Metrics::endpoint`].
#[derive(Debug, Clone)]
pub struct Endpoint(Metrics);

impl PlainLayer for Endpoint {
    fn run(&self, req: &mut Request, res: &mut Response, next: Next<(), PlainFn>) -> Result {
        // A mount matches what is below its path as well.
        if !matches!(*req.method(), Method::GET | Method::HEAD) || req.path() != "/" {
            return next.pass();
        }
        res.headers_mut().insert(header::CONTENT_TYPE, CONTENT_TYPE);
        res.set("cache-control", "no-store").end(self.0.render())
    }

    fn name(&self) -> &str {
        "metrics::Endpoint"
    }
}
