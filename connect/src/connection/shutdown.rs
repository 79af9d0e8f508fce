//! The end of a server, in three steps.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};

use tokio::sync::Notify;

use super::{PeerPlace, Place};

/// Ends a [`Server`](crate::Server), and tells whoever asks that it is ending.
///
/// A server has one of its own, which signals start ([`Server::shutdown`](crate::Server::shutdown) gives it another). A layer finds it in the
/// request ([`Request::shutdown`](crate::Request::shutdown)), and a route takes it as a parameter: a health check that is to fail when no
/// more requests should come, a stream that has no end of its own.
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
/// Clones are the same shutdown.
#[derive(Clone, Default)]
pub struct Shutdown(Arc<State>);

#[derive(Default)]
struct State {
    stage: AtomicU8,
    /// Who waits for a stage, by the stage's number less one.
    waiting: [Arc<Notify>; 3],
    open: AtomicUsize,
    /// Told when the last connection is gone.
    none_open: Notify,
}

/// How far a shutdown is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stage {
    /// It is known, and all goes on as before.
    Started = 1,
    /// No more connections, and no more requests on those that are open.
    Closing = 2,
    /// What still runs is dropped.
    Over = 3,
}

impl Shutdown {
    /// One that has not started.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Starts it, as a signal does. To start it twice is no more than once.
    pub fn start(&self) {
        self.advance(Stage::Started);
    }

    /// Whether it has started.
    #[must_use]
    pub fn is_started(&self) -> bool {
        self.is_at(Stage::Started)
    }

    /// Waits until it has started.
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
        self.reaches(Stage::Started)
    }

    #[inline]
    pub(crate) fn is_at(&self, stage: Stage) -> bool {
        self.0.stage.load(Ordering::Acquire) >= stage as u8
    }

    pub(crate) fn advance(&self, stage: Stage) {
        let before = self.0.stage.fetch_max(stage as u8, Ordering::AcqRel);
        for waiting in &self.0.waiting[usize::from(before).min(3)..(stage as usize).max(before.into())] {
            waiting.notify_waiters();
        }
    }

    /// Waits for a stage. The first poll says who waits: until then nobody is woken.
    pub(crate) fn reaches(&self, stage: Stage) -> impl Future<Output = ()> + Send + Sync + use<> {
        let this = self.clone();
        async move {
            let notified = Arc::clone(&this.0.waiting[stage as usize - 1]).notified_owned();
            // After `notified_owned`, which counts from its making: no change is missed between the two.
            if !this.is_at(stage) {
                notified.await;
            }
        }
    }

    pub(crate) fn open(&self, place: Place, peer: Option<PeerPlace>) -> Open {
        self.0.open.fetch_add(1, Ordering::Relaxed);
        Open { shutdown: self.clone(), _places: (place, peer) }
    }

    /// Waits until there is no connection.
    pub(crate) async fn none_open(&self) {
        loop {
            let notified = self.0.none_open.notified();
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

/// Counts as an open connection until it is dropped, and then frees its place.
pub(crate) struct Open {
    shutdown: Shutdown,
    _places: (Place, Option<PeerPlace>),
}

impl Drop for Open {
    fn drop(&mut self) {
        let state = &self.shutdown.0;
        if state.open.fetch_sub(1, Ordering::AcqRel) == 1 {
            state.none_open.notify_waiters();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::Places;

    #[tokio::test]
    async fn a_later_stage_wakes_those_who_wait_for_an_earlier_one() {
        let shutdown = Shutdown::new();
        let (started, closing) = (shutdown.started(), shutdown.reaches(Stage::Closing));
        let task = tokio::spawn(async move {
            started.await;
            closing.await;
        });
        tokio::task::yield_now().await;
        assert!(!shutdown.is_started());
        shutdown.advance(Stage::Closing);
        task.await.unwrap();
        assert!(shutdown.is_started() && !shutdown.is_at(Stage::Over));
        // A step back is none.
        shutdown.start();
        assert!(shutdown.is_at(Stage::Closing));
    }

    #[tokio::test]
    async fn who_asks_late_does_not_wait() {
        let shutdown = Shutdown::new();
        shutdown.start();
        shutdown.started().await;
        shutdown.none_open().await;
        let open = shutdown.open(Places::new(1, None).one_more(), None);
        assert_eq!(shutdown.connections(), 1);
        drop(open);
        shutdown.none_open().await;
    }
}
