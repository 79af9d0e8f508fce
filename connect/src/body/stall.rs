//! Clients that send a body slowly, or not at all.

use std::fmt;
use std::num::NonZeroU32;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::time::{Instant, Sleep};

use crate::connection::Connection;
use crate::error::BoxError;

/// How slowly a client may send a body.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    /// In milliseconds. Short, and with a bit pattern to spare: it is a part of each request.
    timeout: NonZeroU32,
    /// In bytes a second of waiting; 0 for none.
    pub(super) min_rate: u32,
}

impl Default for Pace {
    fn default() -> Self {
        Pace { timeout: NonZeroU32::MIN, min_rate: 240 }.with_timeout(Duration::from_secs(30))
    }
}

impl Pace {
    /// With another time for which the client may send nothing, and keep us waiting before the rate counts.
    pub(crate) fn with_timeout(self, timeout: Duration) -> Self {
        let timeout = u32::try_from(timeout.as_millis()).unwrap_or(u32::MAX);
        Pace { timeout: NonZeroU32::new(timeout).unwrap_or(NonZeroU32::MIN), ..self }
    }

    /// With another rate.
    pub(crate) fn with_min_rate(self, min_rate: u32) -> Self {
        Pace { min_rate, ..self }
    }

    fn timeout(self) -> Duration {
        Duration::from_millis(self.timeout.get().into())
    }
}

/// How slowly a client sends the body that this stands beside.
pub(super) struct Stall {
    pub(super) pace: Pace,
    received: u64,
    /// Made when the client keeps us waiting, which most never do.
    wait: Option<Box<Wait>>,
    /// To be told when the reader waits.
    pub(super) connection: Option<Arc<Connection>>,
}

/// How long the client has kept us waiting. The time that a handler takes before it reads on does not count.
struct Wait {
    /// Without its type: the compiler looks through all of tokio's runtime to see that a `Sleep` is `Send`, and it does so for
    /// each handler that has a request.
    timer: Pin<Box<dyn Timer + Send + Sync>>,
    /// Since when, if it does so now.
    since: Option<Instant>,
    /// Before that.
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

    /// So many bytes came.
    #[inline]
    pub(super) fn received(&mut self, bytes: usize) {
        self.received += bytes as u64;
        if let Some(wait) = &mut self.wait
            && let Some(since) = wait.since.take()
        {
            wait.before += since.elapsed();
        }
    }

    /// How long the client may keep us waiting in all, for what it has sent.
    fn budget(&self) -> Option<Duration> {
        let seconds = self.received.checked_div(self.pace.min_rate.into())?;
        Some(self.pace.timeout() + Duration::from_secs(seconds))
    }

    /// Nothing is there. Whether the client has kept us waiting for too long.
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

/// The client was too slow.
#[derive(Debug)]
pub(crate) enum Stalled {
    /// It sent nothing for so long.
    Silent(Duration),
    /// It sent fewer bytes a second than it has to.
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
