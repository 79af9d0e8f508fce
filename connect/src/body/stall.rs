//! The timeout and the minimum rate of request bodies.

use std::fmt;
use std::num::NonZeroU32;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::time::{Instant, Sleep};

use crate::connection::Connection;
use crate::error::BoxError;

/// The limits for sending a body.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    /// In milliseconds. A `NonZeroU32` keeps requests small.
    timeout: NonZeroU32,
    /// In bytes for each second of waiting; 0 for no limit.
    pub(super) min_rate: u32,
}

impl Default for Pace {
    fn default() -> Self {
        Pace { timeout: NonZeroU32::MIN, min_rate: 240 }.with_timeout(Duration::from_secs(30))
    }
}

impl Pace {
    /// Sets how long the client may send nothing, which is also the time before the rate applies.
    pub(crate) fn with_timeout(self, timeout: Duration) -> Self {
        let timeout = u32::try_from(timeout.as_millis()).unwrap_or(u32::MAX);
        Pace { timeout: NonZeroU32::new(timeout).unwrap_or(NonZeroU32::MIN), ..self }
    }

    /// Sets the minimum rate.
    pub(crate) fn with_min_rate(self, min_rate: u32) -> Self {
        Pace { min_rate, ..self }
    }

    fn timeout(self) -> Duration {
        Duration::from_millis(self.timeout.get().into())
    }
}

/// Measures how slowly the client sends a body.
pub(super) struct Stall {
    pub(super) pace: Pace,
    received: u64,
    /// Made when the reader first waits for the client, which is rare.
    wait: Option<Box<Wait>>,
    /// The connection, which has to know when the reader waits.
    pub(super) connection: Option<Arc<Connection>>,
}

/// How long the reader has waited for the client. The time between two reads does not count.
struct Wait {
    /// Type-erased: otherwise the compiler would prove for each handler that a `Sleep` is `Send`, through all of
    /// tokio's runtime.
    timer: Pin<Box<dyn Timer + Send + Sync>>,
    /// When the current wait began.
    since: Option<Instant>,
    /// The sum of earlier waits.
    before: Duration,
}

trait Timer {
    fn set(self: Pin<&mut Self>, deadline: Instant);
    fn poll_elapsed(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()>;
}

impl Timer for Sleep {
    fn set(self: Pin<&mut Self>, deadline: Instant) {
        self.reset(deadline);
    }
    fn poll_elapsed(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.poll(cx)
    }
}

impl Stall {
    pub(super) fn new(pace: Pace) -> Self {
        Stall { pace, received: 0, wait: None, connection: None }
    }

    /// Records that bytes have arrived.
    #[inline]
    pub(super) fn received(&mut self, bytes: usize) {
        self.received += bytes as u64;
        if let Some(wait) = &mut self.wait
            && let Some(since) = wait.since.take()
        {
            wait.before += since.elapsed();
        }
    }

    /// How long the reader may wait in all, for the bytes received so far.
    fn budget(&self) -> Option<Duration> {
        let seconds = self.received.checked_div(self.pace.min_rate.into())?;
        Some(self.pace.timeout() + Duration::from_secs(seconds))
    }

    /// Called when there is no data. Ready if the client has exceeded a limit.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<BoxError> {
        if let Some(connection) = &self.connection {
            connection.half_close.wait_for_body(cx);
        }
        let (timeout, budget) = (self.pace.timeout(), self.budget());
        let wait = self.wait.get_or_insert_with(|| {
            let timer = Box::pin(tokio::time::sleep(timeout));
            Box::new(Wait { timer, since: None, before: Duration::ZERO })
        });
        let left = budget.map_or(timeout, |budget| budget.saturating_sub(wait.before));
        if wait.since.is_none() {
            let now = Instant::now();
            wait.since = Some(now);
            wait.timer.as_mut().set(now + left.min(timeout));
        }
        ready!(wait.timer.as_mut().poll_elapsed(cx));
        let stalled =
            if left < timeout { Stalled::Slow(self.pace.min_rate) } else { Stalled::Silent(timeout) };
        Poll::Ready(stalled.into())
    }
}

/// The client has exceeded a limit.
#[derive(Debug)]
pub(crate) enum Stalled {
    /// It sent nothing for this time.
    Silent(Duration),
    /// It sent fewer than this many bytes a second.
    Slow(u32),
}

impl fmt::Display for Stalled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Stalled::Silent(time) => write!(f, "the client sent nothing for {time:?}"),
            Stalled::Slow(rate) => write!(f, "the client sent less than {rate} bytes a second"),
        }
    }
}

impl std::error::Error for Stalled {}
