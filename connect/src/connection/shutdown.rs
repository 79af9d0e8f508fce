//! Graceful shutdown of a server, in three stages.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};

use tokio::sync::Notify;

use super::{ConnectionPermit, PeerPermit};

/// Starts the graceful shutdown of a [`Server`](crate::Server), and tells handlers and other tasks that it has started.
///
/// Each server has one, which signals start too; [`Server::shutdown`](crate::Server::shutdown) sets one of yours. A
/// layer gets it from [`Request::shutdown`](crate::Request::shutdown), and a route takes it as a parameter. Use it in a
/// health check that should fail so that a load balancer stops sending requests, or in a stream that has no end of its
/// own.
///
/// ```
/// use connect::{app, get, Shutdown};
///
/// #[get("/health")]
/// fn health(shutdown: Shutdown) -> connect::http::StatusCode {
///     if shutdown.is_started() { 503 } else { 200 }.try_into().unwrap()
/// }
///
/// # let rt = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
/// # rt.block_on(async {
/// let shutdown = Shutdown::new();
/// let server = app![health].server().listen("127.0.0.1:0").shutdown(&shutdown);
/// shutdown.start();
/// server.run().await.unwrap();
/// # });
/// ```
///
/// Clones share one state: starting one starts all of them.
#[derive(Clone, Default)]
pub struct Shutdown(Arc<State>);

#[derive(Default)]
struct State {
    stage: AtomicU8,
    /// The tasks that wait for each stage, at the stage's number less one.
    waiting: [Arc<Notify>; 3],
    open: AtomicUsize,
    /// Notified when the last connection is closed.
    all_closed: Notify,
}

/// The stage that a shutdown has reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stage {
    /// The shutdown has started; the server continues as before for `shutdown_delay`.
    Started = 1,
    /// The server accepts no more connections, and no more requests on open ones.
    Closing = 2,
    /// The server drops what still runs.
    Stopped = 3,
}

impl Shutdown {
    /// Makes a shutdown that has not started.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Starts the shutdown, as a signal does. A second call does nothing.
    pub fn start(&self) {
        self.advance(Stage::Started);
    }

    /// Returns whether the shutdown has started.
    #[must_use]
    pub fn is_started(&self) -> bool {
        self.has_reached(Stage::Started)
    }

    /// Waits until the shutdown has started.
    ///
    /// ```
    /// use connect::Shutdown;
    ///
    /// async fn until_the_end(shutdown: Shutdown) {
    ///     tokio::select! {
    ///         () = shutdown.started() => {}
    ///         () = tokio::time::sleep(std::time::Duration::from_secs(3600)) => {}
    ///     }
    /// }
    /// ```
    pub fn started(&self) -> impl Future<Output = ()> + Send + Sync + use<> {
        self.wait_for(Stage::Started)
    }

    #[inline]
    pub(crate) fn has_reached(&self, stage: Stage) -> bool {
        self.0.stage.load(Ordering::Acquire) >= stage as u8
    }

    pub(crate) fn advance(&self, stage: Stage) {
        let before = self.0.stage.fetch_max(stage as u8, Ordering::AcqRel);
        for waiting in &self.0.waiting[usize::from(before).min(3)..(stage as usize).max(before.into())] {
            waiting.notify_waiters();
        }
    }

    /// Waits for a stage. A waker is registered only at the first poll.
    pub(crate) fn wait_for(&self, stage: Stage) -> impl Future<Output = ()> + Send + Sync + use<> {
        let this = self.clone();
        async move {
            let notified = Arc::clone(&this.0.waiting[stage as usize - 1]).notified_owned();
            // Checked after `notified_owned`, which receives notifications from its creation on, so none is missed in
            // between.
            if !this.has_reached(stage) {
                notified.await;
            }
        }
    }

    pub(crate) fn open(&self, permit: ConnectionPermit, peer: Option<PeerPermit>) -> OpenConnection {
        self.0.open.fetch_add(1, Ordering::Relaxed);
        OpenConnection { shutdown: self.clone(), _permits: (permit, peer) }
    }

    /// Waits until all connections are closed.
    pub(crate) async fn all_closed(&self) {
        loop {
            let notified = self.0.all_closed.notified();
            if self.0.open.load(Ordering::Acquire) == 0 {
                return;
            }
            notified.await;
        }
    }

    pub(crate) fn connections(&self) -> usize {
        self.0.open.load(Ordering::Acquire)
    }
}

impl fmt::Debug for Shutdown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shutdown")
            .field("is_started", &self.is_started())
            .field("connections", &self.connections())
            .finish()
    }
}

/// Counts as an open connection until it is dropped.
pub(crate) struct OpenConnection {
    shutdown: Shutdown,
    _permits: (ConnectionPermit, Option<PeerPermit>),
}

impl Drop for OpenConnection {
    fn drop(&mut self) {
        let state = &self.shutdown.0;
        if state.open.fetch_sub(1, Ordering::AcqRel) == 1 {
            state.all_closed.notify_waiters();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::ConnectionLimit;

    #[tokio::test]
    async fn a_later_stage_wakes_tasks_that_wait_for_an_earlier_one() {
        let shutdown = Shutdown::new();
        let (started, closing) = (shutdown.started(), shutdown.wait_for(Stage::Closing));
        let task = tokio::spawn(async move {
            started.await;
            closing.await;
        });
        tokio::task::yield_now().await;
        assert!(!shutdown.is_started());
        shutdown.advance(Stage::Closing);
        task.await.unwrap();
        assert!(shutdown.is_started() && !shutdown.has_reached(Stage::Stopped));
        // A stage is never undone.
        shutdown.start();
        assert!(shutdown.has_reached(Stage::Closing));
    }

    #[tokio::test]
    async fn a_task_that_asks_late_does_not_wait() {
        let shutdown = Shutdown::new();
        shutdown.start();
        shutdown.started().await;
        shutdown.all_closed().await;
        let open = shutdown.open(ConnectionLimit::new(1, None).acquire_beyond(), None);
        assert_eq!(shutdown.connections(), 1);
        drop(open);
        shutdown.all_closed().await;
    }
}
