//! A limit of requests at the same time: those beyond it are refused at once, in place of being slow for everybody.
//!
//! ```
//! use connect::{app, get};
//! use connect_middleware::load_shed::LoadShed;
//!
//! #[get("/health")]
//! fn health() -> &'static str {
//!     "ok"
//! }
//!
//! #[get("/report")]
//! fn report() -> &'static str {
//!     "42"
//! }
//!
//! let app = app![LoadShed::new(100).exempt(|req| req.path() == "/health"), health, report];
//! ```
//!
//! A request counts until its response is finished: until the last byte of the body was given to the connection, a stream's or a file's
//! included, or the server has noticed that the client disconnected (at once
//! if the connection is reset, otherwise within the [`half_close_timeout`](connect::Server::half_close_timeout)), or the handler was dropped or has panicked. A WebSocket counts until its handshake is
//! answered. Below [`detached()`](connect::detached()) a request counts until its handler is done.
//! Above it, one whose client has left counts no longer although its handler runs on, so clients that leave get past the limit: list
//! `detached()` first.
//!
//! Nothing waits in a queue.
//!
//! # Options
//! | option | type | default | effect |
//! |---|---|---|---|
//! | [`LoadShed::new`] | number | | so many requests at the same time |
//! | [`exempt`](LoadShed::exempt) | function | none | requests that are neither counted nor refused |
//! | [`retry_after`](LoadShed::retry_after) | `Duration` | 1 second | the header `Retry-After` of refused requests, in whole seconds |
//! | [`capacity`](LoadShed::capacity) | | | a handle that reads how many requests there are, and sets the limit while the app runs |
//!
//! The limit is that of one layer: to have one limit for several routers, list it in front of them.
//!
//! # Needs and provides
//! Nothing. It states [`REFUSES`].
//!
//! # What goes wrong
//! A request beyond the limit is a 503 on the error track, with `Retry-After`.
//!
//! # Differences from Express
//! Express has none. `toobusy-js` measures the delay of the event loop in place of counting requests.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use connect::{
    Error, Facts, IntoLayer, Next, PlainFn, PlainLayer, Request, Response, Result, Stated, StatesFacts,
};
use http::StatusCode;
use http::header;

use crate::facts::REFUSES;

/// Refuses requests beyond a number at the same time.
pub struct LoadShed {
    capacity: Capacity,
    retry_after: Duration,
    exempt: Option<Exempt>,
}

// A function that users give as an option.
type Exempt = Box<dyn Fn(&Request) -> bool + Send + Sync>;

/// How many requests a [`LoadShed`] lets through at the same time. A clone is a handle of the same one.
#[derive(Clone, Debug)]
pub struct Capacity(Arc<Count>);

#[derive(Debug)]
struct Count {
    limit: AtomicUsize,
    running: AtomicUsize,
}

impl Capacity {
    /// The limit.
    #[must_use]
    pub fn limit(&self) -> usize {
        self.0.limit.load(Relaxed)
    }

    /// Sets the limit. Requests beyond a lower one go on; new ones are refused until there are fewer. With 0, all are refused.
    pub fn set_limit(&self, requests: usize) {
        self.0.limit.store(requests, Relaxed);
    }

    /// How many requests there are now.
    #[must_use]
    pub fn running(&self) -> usize {
        self.0.running.load(Relaxed)
    }

    fn permit(&self) -> Option<Permit> {
        let limit = self.limit();
        let taken =
            self.0.running.fetch_update(Relaxed, Relaxed, |running| (running < limit).then_some(running + 1));
        taken.is_ok().then(|| Permit(Arc::clone(&self.0)))
    }
}

/// A request that counts, until this is dropped.
struct Permit(Arc<Count>);

impl Drop for Permit {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Relaxed);
    }
}

impl LoadShed {
    /// So many requests at the same time.
    #[must_use]
    pub fn new(requests: usize) -> Self {
        let count = Count { limit: AtomicUsize::new(requests), running: AtomicUsize::new(0) };
        LoadShed { capacity: Capacity(Arc::new(count)), retry_after: Duration::from_secs(1), exempt: None }
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

    /// A handle that reads how many requests there are, and sets the limit while the app runs.
    #[must_use]
    pub fn capacity(&self) -> Capacity {
        self.capacity.clone()
    }
}

impl fmt::Debug for LoadShed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoadShed")
            .field("capacity", &self.capacity)
            .field("retry_after", &self.retry_after)
            .field("exempt", &self.exempt.is_some())
            .finish()
    }
}

/// The facts of [`LoadShed`].
#[derive(Debug)]
pub struct LoadShedFacts;

impl StatesFacts for LoadShedFacts {
    const FACTS: Facts = Facts::of("LoadShed").states(&[REFUSES]);
}

impl IntoLayer for LoadShed {
    type Layer = Stated<LoadShedLayer, LoadShedFacts>;

    fn into_layer(self) -> Self::Layer {
        Stated::new(LoadShedLayer(self))
    }
}

/// What [`LoadShed`] becomes in a list.
#[derive(Debug)]
pub struct LoadShedLayer(LoadShed);

impl PlainLayer for LoadShedLayer {
    fn run(&self, req: &mut Request, res: &mut Response, next: Next<(), PlainFn>) -> Result {
        let LoadShed { capacity, retry_after, exempt } = &self.0;
        if exempt.as_ref().is_some_and(|is_exempt| is_exempt(req)) {
            return next.pass();
        }
        let Some(permit) = capacity.permit() else {
            let seconds = retry_after.as_secs().saturating_add(u64::from(retry_after.subsec_nanos() > 0));
            let err = Error::new(StatusCode::SERVICE_UNAVAILABLE, "too many requests at the same time");
            return next.fail(err.with_header(header::RETRY_AFTER, seconds));
        };
        res.on_finish(move |_| drop(permit));
        next.pass()
    }

    fn name(&self) -> &str {
        "LoadShed"
    }
}
