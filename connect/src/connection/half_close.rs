//! Clients that close their half of a connection while their request is being answered.
//!
//! hyper takes the end of what comes for a client that has left, and drops the handler. It may be one that has said all it has to
//! say. So the end is kept from hyper until the request is answered, or its time is over, or somebody waits for a part of its
//! body that is not there. It is not kept while events without an end are sent: who closes its half then does not read on.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Waker};

/// The state of the requests of an HTTP/1 connection, of which there is one at a time.
#[derive(Default)]
pub(crate) struct HalfClose {
    /// Whether a request is being answered. Changed under the lock, and read without it.
    answering: AtomicBool,
    /// Whether the end of the stream is hidden from hyper.
    hidden: AtomicBool,
    waiting: Mutex<Waiting>,
}

#[derive(Default)]
struct Waiting {
    /// hyper's reader.
    connection: Option<Waker>,
    /// The reader of a request body.
    body: Option<Waker>,
}

impl HalfClose {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records that a request has begun.
    #[inline]
    pub(crate) fn start_answering(&self) {
        self.answering.store(true, Ordering::Relaxed);
    }

    /// Records that the request is answered or no longer waited for, and lets hyper see the end of the stream.
    #[inline]
    pub(crate) fn stop_answering(&self) {
        if self.answering.load(Ordering::Relaxed) {
            self.stop(self.waiting());
        }
    }

    fn stop(&self, mut waiting: MutexGuard<'_, Waiting>) {
        self.answering.store(false, Ordering::Relaxed);
        let connection = waiting.connection.take();
        drop(waiting);
        connection.into_iter().for_each(Waker::wake);
    }

    /// Whether the end of the stream is hidden from hyper.
    #[inline]
    pub(crate) fn is_hidden(&self) -> bool {
        self.hidden.load(Ordering::Relaxed)
    }

    /// Called at the end of the stream. Returns whether it is hidden from hyper, whose reader is woken when it may see
    /// it.
    pub(crate) fn hide(&self, cx: &Context<'_>) -> bool {
        let mut waiting = self.waiting();
        if !self.answering.load(Ordering::Relaxed) {
            return false;
        }
        self.hidden.store(true, Ordering::Relaxed);
        waiting.connection = Some(cx.waker().clone());
        // The body's reader polls again, since hyper may have found the last chunk just before.
        if let Some(body) = waiting.body.take() {
            body.wake();
        }
        true
    }

    /// Called when the body has no data ready. If no more can arrive, hyper is shown the end of the stream, and fails
    /// the body.
    pub(crate) fn wait_for_body(&self, cx: &Context<'_>) {
        let mut waiting = self.waiting();
        if self.is_hidden() {
            self.stop(waiting);
        } else {
            waiting.body = Some(cx.waker().clone());
        }
    }
}
