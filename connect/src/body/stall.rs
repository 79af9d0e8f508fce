//! Clients that stop sending.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use super::{Body, Kind};
use crate::error::BoxError;

/// How long a client may send nothing in the middle of a body, unless it is said otherwise.
pub(crate) const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// How long a client may send nothing in the middle of a body, and since when it does.
pub(super) struct Stall {
    pub(super) limit: Duration,
    /// Made when the client keeps us waiting, which most never do. Without its type: the compiler looks through all
    /// of tokio's runtime to see that a `Sleep` is `Send`, and it does so for each handler that has a request.
    pub(super) wait: Option<Pin<Box<dyn Future<Output = ()> + Send + Sync>>>,
}

impl Stall {
    /// Whether the client has sent nothing for too long.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<BoxError> {
        let limit = self.limit;
        let wait = self.wait.get_or_insert_with(|| Box::pin(tokio::time::sleep(limit)));
        ready!(wait.as_mut().poll(cx));
        Poll::Ready(Stalled(limit).into())
    }
}

/// The client sent nothing for so long.
#[derive(Debug)]
pub(crate) struct Stalled(Duration);

impl fmt::Display for Stalled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the client sent nothing for {:?}", self.0)
    }
}

impl std::error::Error for Stalled {}

impl Body {
    /// Sets how long the client may send nothing, where it is a client that sends.
    pub(crate) fn set_stall(&mut self, limit: Duration) {
        if let Kind::Incoming(_, Some(stall)) = &mut self.0 {
            *stall = Stall { limit, wait: None };
        }
    }
}
