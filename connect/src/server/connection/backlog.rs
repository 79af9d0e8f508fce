//! What a client of HTTP/2 has not taken yet.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;

/// The bytes of complete response bodies that a connection's client has not taken.
#[derive(Debug, Default)]
pub(super) struct Backlog {
    bytes: AtomicUsize,
    /// Told when it is shorter.
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

    /// Waits until it is below a limit.
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
