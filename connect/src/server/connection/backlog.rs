//! Response bodies that the client of an HTTP/2 connection has not read yet.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;

/// Counts the bytes of complete response bodies that the server keeps because the client has not read them.
#[derive(Debug, Default)]
pub(super) struct Backlog {
    bytes: AtomicUsize,
    /// Notified when the backlog shrinks.
    shorter: Notify,
}

impl Backlog {
    pub(super) fn add(&self, bytes: usize) {
        self.bytes.fetch_add(bytes, Ordering::AcqRel);
    }

    pub(super) fn take(&self, bytes: usize) {
        self.bytes.fetch_sub(bytes, Ordering::AcqRel);
        self.shorter.notify_waiters();
    }

    pub(super) fn is_beyond(&self, limit: usize) -> bool {
        self.bytes.load(Ordering::Acquire) >= limit
    }

    /// Waits until the backlog is below a limit.
    pub(super) async fn below(&self, limit: usize) {
        loop {
            let shorter = self.shorter.notified();
            if !self.is_beyond(limit) {
                return;
            }
            shorter.await;
        }
    }
}
