//! A limit of requests at the same time, beyond which requests wait in a queue: for what is slow and short-lived, such as a report that
//! needs much memory.
//!
//! ```
//! use connect::{app, get};
//! use connect_middleware::concurrency_limit::{ConcurrencyLimit, Queue};
//! use std::time::Duration;
//!
//! #[get("/report")]
//! fn report() -> &'static str {
//!     "42"
//! }
//!
//! let queue = Queue { size: 50, time: Duration::from_secs(5) };
//! let app = app![ConcurrencyLimit::new(4, queue), report];
//! ```
//!
//! The request that has waited longest is the next one. One whose client disconnects leaves the queue.
//!
//! A request counts until its response is finished: until the last byte of the body was given to the connection, a stream's or a file's
//! included, or the server has noticed that the client disconnected, or the handler was dropped or has panicked. So a slow client holds its
//! place until [`write_timeout`](connect::Server::write_timeout) ends it. With [`until_head`](ConcurrencyLimit::until_head) it counts only
//! until the layers below are done: use it where the handler is what is expensive, and the response is in memory by then. A WebSocket
//! counts until its handshake is answered in both cases.
//!
//! [`LoadShed`](crate::load_shed::LoadShed) (feature `load-shed`) refuses at once what is beyond the limit. Use that one in front of the
//! whole app, where a queue would only make all requests slow, and a `ConcurrencyLimit` in front of single routes, where bursts are worth
//! waiting for.
//!
//! # Options
//! | option | type | default | effect |
//! |---|---|---|---|
//! | [`ConcurrencyLimit::new`] | number, at least 1 | | so many requests at the same time |
//! | | [`Queue`] | | how many requests wait at most, and for how long |
//! | [`until_head`](ConcurrencyLimit::until_head) | | until the response is finished | a request counts until the layers below are done |
//! | [`exempt`](ConcurrencyLimit::exempt) | function | none | requests that neither count nor wait |
//! | [`retry_after`](ConcurrencyLimit::retry_after) | `Duration` | 1 second | the header `Retry-After` of refused requests, in whole seconds |
//! | [`usage`](ConcurrencyLimit::usage) | | | a handle that reads how many requests run and wait |
//!
//! The limit is that of one layer: to have one limit for several routers, list it in front of them.
//!
//! # Needs and provides
//! Nothing. It states [`REFUSES`]. It needs tokio's timers.
//!
//! # What goes wrong
//! A request that finds the queue full, or has waited for its time, is a 503 on the error track, with `Retry-After`.
//!
//! - A request that waits holds its connection, and its body if a layer above has read it: list authentication and body parsers below.
//! - A [`Timeout`](crate::timeout::Timeout) (feature `timeout`) above the layer counts the time in the queue, one below does not.
//! - A handler that sends requests to the own server waits for itself once the limit is reached, until `time` is over.
//! - Below [`detached()`](connect::detached()) a request counts until its handler is done. Above it, one whose client has left counts no
//!   longer although its handler runs on: list `detached()` first.
//! - A client of HTTP/1 that closes its connection, and does not reset it, has not left yet: its request counts, or waits, until it is
//!   answered or [`half_close_timeout`](connect::Server::half_close_timeout) is over, which is 30 seconds by default.
//! - At a graceful shutdown requests that wait are running requests: they get their turn within
//!   [`shutdown_timeout`](connect::Server::shutdown_timeout).
//!
//! # Differences from Express
//! Express has none. `express-queue` has `activeLimit` and `queuedLimit`, without a limit of the time in the queue.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use connect::{Error, Facts, IntoLayer, Layer, Next, Request, Response, Rest, Result, Stated, StatesFacts};
use http::{StatusCode, header};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::facts::REFUSES;

/// Lets a number of requests run at the same time, and others wait.
pub struct ConcurrencyLimit {
    usage: Usage,
    queue: Queue,
    until_head: bool,
    retry_after: Duration,
    exempt: Option<Exempt>,
}

// A function that users give as an option.
type Exempt = Box<dyn Fn(&Request) -> bool + Send + Sync>;

/// How many requests wait at most, and for how long.
///
/// There are no defaults, since both depend on the app: a client that waits for `time` should not have given up by then, and
/// `limit / seconds of a request * time` requests get their turn within it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Queue {
    /// How many requests wait. One more is refused at once.
    pub size: usize,
    /// How long a request waits before it is refused.
    pub time: Duration,
}

/// How many requests of a [`ConcurrencyLimit`] run and wait. A clone is a handle of the same one.
#[derive(Debug, Clone)]
pub struct Usage(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    limit: usize,
    places: Arc<Semaphore>,
    waiting: AtomicUsize,
}

impl Usage {
    /// The limit.
    #[must_use]
    pub fn limit(&self) -> usize {
        self.0.limit
    }

    /// How many requests run now.
    #[must_use]
    pub fn running(&self) -> usize {
        self.0.limit.saturating_sub(self.0.places.available_permits())
    }

    /// How many requests wait now.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.0.waiting.load(Relaxed)
    }

    /// A place in the queue, if it is not full.
    fn wait(&self, size: usize) -> Option<Waiting<'_>> {
        let waiting = &self.0.waiting;
        let taken = waiting.fetch_update(Relaxed, Relaxed, |waiting| (waiting < size).then_some(waiting + 1));
        // Not made, and so not dropped, if the queue is full.
        taken.is_ok().then(|| Waiting(waiting))
    }
}

/// A request that waits, until this is dropped.
struct Waiting<'a>(&'a AtomicUsize);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

impl ConcurrencyLimit {
    /// So many requests at the same time, and a queue for others.
    ///
    /// # Panics
    /// If it is 0, or more than tokio's semaphore takes.
    #[must_use]
    #[track_caller]
    pub fn new(requests: usize, queue: Queue) -> Self {
        assert!(
            requests > 0,
            "a limit of 0 requests lets none run: to refuse all of them there is `Maintenance`"
        );
        assert!(requests <= Semaphore::MAX_PERMITS, "a limit of {requests} requests is none");
        let places = Arc::new(Semaphore::new(requests));
        let shared = Shared { limit: requests, places, waiting: AtomicUsize::new(0) };
        ConcurrencyLimit {
            usage: Usage(Arc::new(shared)),
            queue,
            until_head: false,
            retry_after: Duration::from_secs(1),
            exempt: None,
        }
    }

    /// Counts a request until the layers below are done. By default until its response is finished, which includes its body.
    #[must_use]
    pub fn until_head(mut self) -> Self {
        self.until_head = true;
        self
    }

    /// Lets requests through, without counting them, for which a function returns `true`: health checks, for example. By default none.
    #[must_use]
    pub fn exempt(mut self, is_exempt: impl Fn(&Request) -> bool + Send + Sync + 'static) -> Self {
        self.exempt = Some(Box::new(is_exempt));
        self
    }

    /// Sets after what time clients are asked to try again: by default 1 second. Parts of a second are rounded up.
    #[must_use]
    pub fn retry_after(mut self, time: Duration) -> Self {
        self.retry_after = time;
        self
    }

    /// A handle that reads how many requests run and wait.
    #[must_use]
    pub fn usage(&self) -> Usage {
        self.usage.clone()
    }

    /// A place among the requests that run, now or after the time in the queue.
    async fn place(&self) -> Result<OwnedSemaphorePermit> {
        let places = &self.usage.0.places;
        // It never overtakes: a place that becomes free belongs to the first one in the queue already.
        if let Ok(place) = Arc::clone(places).try_acquire_owned() {
            return Ok(place);
        }
        let Some(_waiting) = self.usage.wait(self.queue.size) else {
            return Err(self.refused("too many requests wait"));
        };
        match tokio::time::timeout(self.queue.time, Arc::clone(places).acquire_owned()).await {
            Ok(Ok(place)) => Ok(place),
            // The semaphore is never closed.
            Ok(Err(_)) | Err(_) => Err(self.refused("the request has waited for too long")),
        }
    }

    #[cold]
    fn refused(&self, why: &'static str) -> Error {
        let retry_after = self.retry_after;
        let seconds = retry_after.as_secs().saturating_add(u64::from(retry_after.subsec_nanos() > 0));
        Error::new(StatusCode::SERVICE_UNAVAILABLE, why).with_header(header::RETRY_AFTER, seconds)
    }
}

impl fmt::Debug for ConcurrencyLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConcurrencyLimit")
            .field("usage", &self.usage)
            .field("queue", &self.queue)
            .field("until_head", &self.until_head)
            .field("retry_after", &self.retry_after)
            .field("exempt", &self.exempt.is_some())
            .finish()
    }
}

/// The facts of [`ConcurrencyLimit`].
#[derive(Debug)]
pub struct ConcurrencyLimitFacts;

impl StatesFacts for ConcurrencyLimitFacts {
    const FACTS: Facts = Facts::of("ConcurrencyLimit").states(&[REFUSES]);
}

impl IntoLayer for ConcurrencyLimit {
    type Layer = Stated<ConcurrencyLimitLayer, ConcurrencyLimitFacts>;

    fn into_layer(self) -> Self::Layer {
        Stated::new(ConcurrencyLimitLayer(self))
    }
}

/// What [`ConcurrencyLimit`] becomes in a list.
#[derive(Debug)]
pub struct ConcurrencyLimitLayer(ConcurrencyLimit);

impl Layer for ConcurrencyLimitLayer {
    async fn run<R: Rest>(&self, req: &mut Request, res: &mut Response, next: Next<(), R>) -> Result {
        let limit = &self.0;
        if limit.exempt.as_ref().is_some_and(|is_exempt| is_exempt(req)) {
            return next.pass();
        }
        let place = limit.place().await?;
        if limit.until_head {
            let done = next.run(req, res).await;
            drop(place);
            return Ok(done);
        }
        res.on_finish(move |_| drop(place));
        next.pass()
    }

    fn name(&self) -> &str {
        "ConcurrencyLimit"
    }
}
