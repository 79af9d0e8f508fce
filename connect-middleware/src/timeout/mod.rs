//! A limit of the time that a response takes: the layers below are canceled after it, and the client gets a 503.
//!
//! ```
//! use connect::{app, get, Result};
//! use connect_middleware::timeout::Timeout;
//! use std::time::Duration;
//!
//! #[get("/report")]
//! async fn report() -> Result<&'static str> {
//!     tokio::time::sleep(Duration::from_millis(10)).await;
//!     Ok("42")
//! }
//!
//! let app = app![Timeout::new(Duration::from_secs(10)), report];
//! ```
//!
//! The time runs from when the request reaches the layer until the layers below are done, which is when the head of the response is
//! ready. It includes the time in which they read the request's body. After it the future of the layers below is dropped at the `await`
//! where it is suspended, as it is when a client [disconnects](connect::Server::half_close_timeout): nothing of the handler runs on, and
//! what it borrowed from pools is returned. Headers and a status that it had set are removed.
//!
//! # What it limits, and what limits the rest
//! | phase | limit |
//! |---|---|
//! | the request head | [`header_timeout`](connect::Server::header_timeout) of the server |
//! | the request body, as far as the layers below read it | `Timeout`; beside it [`body_timeout`](connect::App::body_timeout) and [`min_body_rate`](connect::App::min_body_rate), which end slow clients and no slow uploads |
//! | the layers below, and error handlers there | `Timeout` |
//! | hooks of [`before_head`](connect::Response::before_head), such as the one that saves a session | none: a change that was made is saved |
//! | the response body: files, streams | none in all, or `Timeout` with [`whole_response`](Timeout::whole_response); [`write_timeout`](connect::Server::write_timeout) while the client reads nothing |
//! | server-sent events | none in all |
//! | a WebSocket | none after its handshake |
//!
//! So by default a response that has begun is never cut, and neither a download nor a stream has to be exempt. A route that receives
//! long uploads has to be: list it above the layer, name it with [`exempt`](Timeout::exempt), or give it another time with
//! [`time_for`](Timeout::time_for).
//!
//! Of two `Timeout`s around a route the shorter one ends it.
//!
//! # Options
//! | option | type | default | effect |
//! |---|---|---|---|
//! | [`Timeout::new`] | `Duration` | | the time |
//! | [`time_for`](Timeout::time_for) | function | none | another time for some requests |
//! | [`exempt`](Timeout::exempt) | function | none | requests without a limit |
//! | [`whole_response`](Timeout::whole_response) | | until the head | the time is for the response body, too |
//! | [`status`](Timeout::status) | status | 503 | the status of the error, such as 504 |
//!
//! # Needs and provides
//! Nothing. It states [`REFUSES`]. It needs tokio's timers.
//!
//! # What goes wrong
//! A request that takes too long is a 503 on the error track, from the place of the layer: error handlers below it in the list get it.
//! Its cause is a [`TimedOut`]. It has no `Retry-After`, since a second try would take as long.
//!
//! - A client that sends its body too slowly is a 503, too, unless [`body_timeout`](connect::App::body_timeout), which is 30 seconds by default,
//!   is shorter than this time: then it is a 408, and no error of the server. The response to a request whose body has not arrived comes up
//!   to 2 seconds later, since the server reads on for so long.
//! - A handler that does not `await` cannot be canceled, and neither can what runs in a task of its own, such as the closure of
//!   `spawn_blocking`: the response is sent, and that goes on.
//! - What stops half way stays half done. Work that must not, such as a debit and its credit, belongs into a database transaction, or in
//!   a route that is exempt. [`detached()`](connect::detached()) keeps a request running after its client has left, not after its time.
//!
//! # Differences from Express
//! `connect-timeout` lets the handler run on, and asks every layer to look at `req.timedout`; here the handler is canceled. In place of
//! `req.clearTimeout()` there are `exempt` and `time_for`, which decide before the handler runs. `respond: false` has no counterpart.

mod body;

use std::fmt;
use std::time::Duration;

use connect::{Error, Facts, IntoLayer, Layer, Next, Request, Response, Rest, Result, Stated, StatesFacts};
use http::StatusCode;
use tokio::time::Instant;

use crate::facts::REFUSES;

/// Cancels requests that take too long.
pub struct Timeout {
    time: Duration,
    time_for: Option<TimeFor>,
    exempt: Option<Exempt>,
    whole_response: bool,
    status: StatusCode,
}

// Functions that users give as options, each of a type of its own.
type TimeFor = Box<dyn Fn(&Request) -> Option<Duration> + Send + Sync>;
type Exempt = Box<dyn Fn(&Request) -> bool + Send + Sync>;

impl Timeout {
    /// So much time for a request.
    #[must_use]
    pub fn new(time: Duration) -> Self {
        Timeout {
            time,
            time_for: None,
            exempt: None,
            whole_response: false,
            status: StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// Sets the time of those requests for which a function returns one. By default all have the same.
    ///
    /// ```
    /// use connect_middleware::timeout::Timeout;
    /// use std::time::Duration;
    ///
    /// let timeout = Timeout::new(Duration::from_secs(10))
    ///     .time_for(|req| req.path().starts_with("/reports/").then_some(Duration::from_secs(60)));
    /// ```
    #[must_use]
    pub fn time_for(
        mut self,
        time_for: impl Fn(&Request) -> Option<Duration> + Send + Sync + 'static,
    ) -> Self {
        self.time_for = Some(Box::new(time_for));
        self
    }

    /// Lets requests take as long as they do for which a function returns `true`: long uploads, for example. By default none.
    #[must_use]
    pub fn exempt(mut self, is_exempt: impl Fn(&Request) -> bool + Send + Sync + 'static) -> Self {
        self.exempt = Some(Box::new(is_exempt));
        self
    }

    /// Limits the response body, too: it has to be sent by the end of the time, which still runs from the request on. By default the time
    /// ends with the head.
    ///
    /// The status is sent by then, so a body that takes longer breaks off: in HTTP/1.1 the connection is closed before the end of the
    /// body, in HTTP/2 its stream is reset, and a client can tell that from the end. The deadline is seen when the next piece is asked
    /// for, and no piece is asked for while the client reads nothing: there [`write_timeout`](connect::Server::write_timeout) holds.
    /// A body that is in memory as a whole is handed to the connection at once, and is not limited. Neither are streams of
    /// [`Events`](connect::Events) nor WebSockets, which are meant to stay open; name other streams that are with
    /// [`exempt`](Timeout::exempt).
    ///
    /// ```
    /// use connect_middleware::timeout::Timeout;
    /// use std::time::Duration;
    ///
    /// let timeout = Timeout::new(Duration::from_secs(30)).whole_response().exempt(|req| req.path() == "/live.ndjson");
    /// ```
    #[must_use]
    pub fn whole_response(mut self) -> Self {
        self.whole_response = true;
        self
    }

    /// Sets the status of the error: by default 503.
    ///
    /// # Panics
    /// If it is not one of an error.
    #[must_use]
    #[track_caller]
    pub fn status(mut self, status: StatusCode) -> Self {
        assert!(
            status.is_client_error() || status.is_server_error(),
            "{status} is not the status of an error: use 503, 504 or 408"
        );
        self.status = status;
        self
    }

    /// The time of a request, if it has one.
    fn time(&self, req: &Request) -> Option<Duration> {
        if self.exempt.as_ref().is_some_and(|is_exempt| is_exempt(req)) {
            return None;
        }
        Some(self.time_for.as_ref().and_then(|time_for| time_for(req)).unwrap_or(self.time))
    }
}

impl fmt::Debug for Timeout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timeout")
            .field("time", &self.time)
            .field("time_for", &self.time_for.is_some())
            .field("exempt", &self.exempt.is_some())
            .field("whole_response", &self.whole_response)
            .field("status", &self.status)
            .finish()
    }
}

/// The cause of the error: an error handler whose first parameter is of this type takes these errors alone.
///
/// ```
/// use connect::{error_handler, Request, Response, Result};
/// use connect_middleware::timeout::TimedOut;
///
/// #[error_handler]
/// fn slow(err: TimedOut, _req: &mut Request, res: &mut Response) -> Result {
///     res.status(504).text(format!("no result after {:?}", err.time()))
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimedOut {
    time: Duration,
}

impl TimedOut {
    /// The time that the request had.
    #[must_use]
    pub fn time(&self) -> Duration {
        self.time
    }
}

impl fmt::Display for TimedOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the request took longer than {:?}", self.time)
    }
}

impl std::error::Error for TimedOut {}

/// The facts of [`Timeout`].
#[derive(Debug)]
pub struct TimeoutFacts;

impl StatesFacts for TimeoutFacts {
    const FACTS: Facts = Facts::of("Timeout").states(&[REFUSES]);
}

impl IntoLayer for Timeout {
    type Layer = Stated<TimeoutLayer, TimeoutFacts>;

    fn into_layer(self) -> Self::Layer {
        Stated::new(TimeoutLayer(self))
    }
}

/// What [`Timeout`] becomes in a list.
#[derive(Debug)]
pub struct TimeoutLayer(Timeout);

impl Layer for TimeoutLayer {
    async fn run<R: Rest>(&self, req: &mut Request, res: &mut Response, next: Next<(), R>) -> Result {
        let Some(time) = self.0.time(req) else { return next.pass() };
        // Longer than tokio can wait is as good as none.
        let Some(deadline) = Instant::now().checked_add(time) else { return next.pass() };
        match tokio::time::timeout_at(deadline, next.run(req, res)).await {
            Ok(done) => {
                if self.0.whole_response {
                    body::limit(res, deadline, time);
                }
                Ok(done)
            }
            Err(_) => Err(Error::from(TimedOut { time }).with_status(self.0.status)),
        }
    }

    fn name(&self) -> &str {
        "Timeout"
    }
}
