//! Responses that hyper has taken and the client's socket has not, by HTTP/1: what waits to know whether they went out.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::ended::Ended;

// Of whatever type: only a response with `on_finish` has one.
type Tell = Box<dyn FnOnce(Ended) + Send>;

/// What waits. It is told that the responses did not go out when the connection ends.
#[derive(Default)]
pub(crate) struct Sending {
    /// Why what is dropped with the connection was not sent: an [`Ended`], less one.
    why: AtomicU8,
    /// Looked at without the lock with each poll.
    waits: AtomicBool,
    /// With how many bytes have to be written before, where that is known.
    all: Mutex<Vec<(Option<u64>, Tell)>>,
}

impl Sending {
    fn all(&self) -> MutexGuard<'_, Vec<(Option<u64>, Tell)>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says why the connection ends, where that is not the client's doing. The first reason counts.
    #[cold]
    pub(crate) fn ends_because(&self, why: Ended) {
        let _ = self.why.compare_exchange(0, why as u8 - 1, Ordering::Relaxed, Ordering::Relaxed);
    }

    /// Why what was not sent was not: as long as the connection itself goes on, because of the client.
    pub(crate) fn why_not(&self) -> Ended {
        Ended::ALL[usize::from(self.why.load(Ordering::Relaxed)) + 1]
    }

    /// Calls a function when all that was written so far has gone out, or when it will not, with the reason.
    pub(crate) fn when_sent(&self, tell: impl FnOnce(Ended) + Send + 'static) {
        self.all().push((None, Box::new(tell)));
        self.waits.store(true, Ordering::Relaxed);
    }

    /// Whether something waits of which it is not known when it has gone out.
    #[inline]
    pub(crate) fn waits(&self) -> bool {
        self.waits.load(Ordering::Relaxed)
    }

    /// The next response begins behind so many bytes, and all that waits is in front of it.
    #[cold]
    pub(crate) fn mark(&self, bytes: u64) {
        self.all().iter_mut().for_each(|(end, _)| _ = end.get_or_insert(bytes));
    }

    /// So many bytes have gone out.
    #[inline]
    pub(crate) fn settle_to(&self, bytes: u64) {
        if self.waits() {
            let mut all = self.all();
            let count = all.iter().take_while(|(end, _)| end.is_some_and(|end| end <= bytes)).count();
            let sent: Vec<_> = all.drain(..count).collect();
            self.waits.store(!all.is_empty(), Ordering::Relaxed);
            drop(all);
            sent.into_iter().for_each(|(_, tell)| tell(Ended::Complete));
        }
    }

    /// Nothing is left to write, or nothing more can be written.
    #[inline]
    pub(crate) fn settle(&self, sent: bool) {
        if self.waits() {
            self.tell(sent);
        }
    }

    #[cold]
    fn tell(&self, sent: bool) {
        let all = {
            let mut all = self.all();
            self.waits.store(false, Ordering::Relaxed);
            std::mem::take(&mut *all)
        };
        let ended = if sent { Ended::Complete } else { self.why_not() };
        all.into_iter().for_each(|(_, tell)| tell(ended));
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
