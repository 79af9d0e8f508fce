//! Responses that hyper has taken and the client's socket has not, by HTTP/1: what waits to know whether they went out.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

// Of whatever type: only a response with `on_finish` has one.
type Tell = Box<dyn FnOnce(bool) + Send>;

/// What waits. It is told that the responses did not go out when the connection ends.
#[derive(Default)]
pub(crate) struct Sending {
    /// Looked at without the lock with each poll.
    waits: AtomicBool,
    all: Mutex<Vec<Tell>>,
}

impl Sending {
    /// Calls a function when all that was written so far has gone out, with `true`, or when it will not, with `false`.
    pub(crate) fn when_sent(&self, tell: impl FnOnce(bool) + Send + 'static) {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.push(Box::new(tell));
        self.waits.store(true, Ordering::Relaxed);
    }

    /// Nothing is left to write, or nothing more can be written.
    #[inline]
    pub(crate) fn settle(&self, sent: bool) {
        if self.waits.load(Ordering::Relaxed) {
            self.tell(sent);
        }
    }

    #[cold]
    fn tell(&self, sent: bool) {
        let all = {
            let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
            self.waits.store(false, Ordering::Relaxed);
            std::mem::take(&mut *all)
        };
        all.into_iter().for_each(|tell| tell(sent));
    }
}

impl Drop for Sending {
    fn drop(&mut self) {
        self.settle(false);
    }
}

impl fmt::Debug for Sending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sending").finish_non_exhaustive()
    }
}
