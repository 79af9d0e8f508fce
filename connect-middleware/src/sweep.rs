//! When what has expired is removed from a store.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use crate::session::Timestamp;

/// Removes what has expired again and again: a background task where the app was started, and requests where it was not.
#[derive(Debug)]
pub(crate) struct Sweeps {
    pub(crate) every: Duration,
    /// In milliseconds.
    next: AtomicU64,
    /// A background task does it, so requests do not.
    is_beside: AtomicBool,
}

impl Sweeps {
    pub(crate) const fn new(every: Duration) -> Self {
        Sweeps { every, next: AtomicU64::new(0), is_beside: AtomicBool::new(false) }
    }

    /// Requests never do it.
    #[cfg(test)]
    pub(crate) fn stop(&self) {
        self.next.store(u64::MAX, Relaxed);
    }

    /// Whether a request has to do it now.
    pub(crate) fn are_due(&self, now: Timestamp) -> bool {
        if self.is_beside.load(Relaxed) {
            return false;
        }
        let due = self.next.load(Relaxed);
        let next = now.after(self.every).as_millis();
        now.as_millis() >= due && self.next.compare_exchange(due, next, Relaxed, Relaxed).is_ok()
    }

    /// The background task, until it is dropped.
    pub(crate) async fn keep<F: Future<Output = ()>>(&self, sweep: impl Fn() -> F) {
        /// Requests take over where the task has ended, by a panic of the store or with its server.
        struct Sweeping<'a>(&'a AtomicBool);
        impl Drop for Sweeping<'_> {
            fn drop(&mut self) {
                self.0.store(false, Relaxed);
            }
        }
        self.is_beside.store(true, Relaxed);
        let _sweeping = Sweeping(&self.is_beside);
        loop {
            sweep().await;
            tokio::time::sleep(self.every.max(Duration::from_millis(1))).await;
        }
    }
}
