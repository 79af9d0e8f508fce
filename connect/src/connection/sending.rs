//! `on_finish` of HTTP/1 responses that hyper has accepted and the socket has not.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::ended::Ended;

// Type-erased: only a response with `on_finish` has one.
type Callback = Box<dyn FnOnce(Ended) + Send>;

/// The callbacks of responses that are being sent. If the connection ends first, they are called with the reason.
#[derive(Default)]
pub(crate) struct Sending {
    /// Why the responses that are dropped with the connection were not sent: an [`Ended`], less one.
    why: AtomicU8,
    /// Whether there is a callback: read at each poll, without the lock.
    waits: AtomicBool,
    /// Each with the number of bytes after which its response is sent, if that is known.
    all: Mutex<Vec<(Option<u64>, Callback)>>,
}

impl Sending {
    fn all(&self) -> MutexGuard<'_, Vec<(Option<u64>, Callback)>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets why the connection ends, if the client is not the reason. The first reason counts.
    #[cold]
    pub(crate) fn ends_because(&self, why: Ended) {
        let _ = self.why.compare_exchange(0, why as u8 - 1, Ordering::Relaxed, Ordering::Relaxed);
    }

    /// Why a response was not sent: because of the client, unless the connection says otherwise.
    pub(crate) fn why_not(&self) -> Ended {
        Ended::ALL[usize::from(self.why.load(Ordering::Relaxed)) + 1]
    }

    /// Calls a function when everything written so far has been sent, or when it cannot be, with the reason.
    pub(crate) fn when_sent(&self, callback: impl FnOnce(Ended) + Send + 'static) {
        self.all().push((None, Box::new(callback)));
        self.waits.store(true, Ordering::Relaxed);
    }

    /// Whether a callback waits.
    #[inline]
    pub(crate) fn waits(&self) -> bool {
        self.waits.load(Ordering::Relaxed)
    }

    /// Called when the next response begins after so many bytes: all waiting callbacks are those of responses before
    /// it.
    #[cold]
    pub(crate) fn mark(&self, bytes: u64) {
        self.all().iter_mut().for_each(|(end, _)| _ = end.get_or_insert(bytes));
    }

    /// Calls the callbacks of the responses that end within the first `bytes`, which are sent.
    #[inline]
    pub(crate) fn settle_to(&self, bytes: u64) {
        if self.waits() {
            let mut all = self.all();
            let count = all.iter().take_while(|(end, _)| end.is_some_and(|end| end <= bytes)).count();
            let sent: Vec<_> = all.drain(..count).collect();
            self.waits.store(!all.is_empty(), Ordering::Relaxed);
            drop(all);
            sent.into_iter().for_each(|(_, callback)| callback(Ended::Complete));
        }
    }

    /// Calls all callbacks, when nothing is left to write or nothing more can be written.
    #[inline]
    pub(crate) fn settle(&self, sent: bool) {
        if self.waits() {
            self.call_all(sent);
        }
    }

    #[cold]
    fn call_all(&self, sent: bool) {
        let all = {
            let mut all = self.all();
            self.waits.store(false, Ordering::Relaxed);
            std::mem::take(&mut *all)
        };
        let ended = if sent { Ended::Complete } else { self.why_not() };
        all.into_iter().for_each(|(_, callback)| callback(ended));
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
