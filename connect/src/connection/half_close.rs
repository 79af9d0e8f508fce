//! Clients that close their half of a connection while their request is being answered.
//!
//! hyper takes the end of what comes for a client that has left, and drops the handler. It may be one that has said all it has to
//! say. So the end is kept from hyper until the request is answered, or its time is over, or somebody waits for a part of its
//! body that is not there. It is not kept while events without an end are sent: who closes its half then does not read on.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Waker};

/// For the requests of HTTP/1, of which there is one at a time.
#[derive(Default)]
pub(crate) struct HalfClose {
    /// A request is being answered. Changed under the lock; looked at without it.
    answering: AtomicBool,
    /// The client has closed its half, and hyper does not know.
    held: AtomicBool,
    waiting: Mutex<Waiting>,
}

#[derive(Default)]
struct Waiting {
    /// hyper, for what comes.
    connection: Option<Waker>,
    /// The reader of a body, for its next piece.
    body: Option<Waker>,
}

impl HalfClose {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A request has begun.
    #[inline]
    pub(crate) fn start_answering(&self) {
        self.answering.store(true, Ordering::Relaxed);
    }

    /// It is answered, or waited for no longer: hyper is to know of the end.
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

    /// Whether an end is kept from hyper.
    #[inline]
    pub(crate) fn is_held(&self) -> bool {
        self.held.load(Ordering::Relaxed)
    }

    /// The end has come. Whether it is kept from hyper, which is woken when it is to read again.
    pub(crate) fn hold(&self, cx: &Context<'_>) -> bool {
        let mut waiting = self.waiting();
        if !self.answering.load(Ordering::Relaxed) {
            return false;
        }
        self.held.store(true, Ordering::Relaxed);
        waiting.connection = Some(cx.waker().clone());
        // It looks again, since hyper may have found the body's last piece just before.
        if let Some(body) = waiting.body.take() {
            body.wake();
        }
        true
    }

    /// The reader of a body finds nothing. If nothing more can come, hyper learns of it, and tells the reader.
    pub(crate) fn wait_for_body(&self, cx: &Context<'_>) {
        let mut waiting = self.waiting();
        if self.is_held() {
            self.stop(waiting);
        } else {
            waiting.body = Some(cx.waker().clone());
        }
    }
}
