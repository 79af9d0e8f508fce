//! What all requests of a layer share.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use super::error::SessionError;
use super::store::{AnyStore, StoreError};
use super::timestamp::Timestamp;
use crate::cookie_options::CookieOptions;
use crate::sweep::Sweeps;

/// What all requests share.
pub(super) struct Shared {
    pub(super) cookie: CookieOptions,
    pub(super) store: Box<dyn AnyStore>,
    pub(super) clock: Box<dyn Fn() -> Timestamp + Send + Sync>,
    pub(super) idle: Duration,
    pub(super) touch_every: Duration,
    pub(super) sweeps: Sweeps,
    pub(super) store_timeout: Duration,
    pub(super) part_limit: usize,
    pub(super) reads_go_on: bool,
    /// A request has been checked for what keeps cookies from arriving, and none has set a cookie since.
    pub(super) was_checked: AtomicBool,
}

impl Shared {
    /// How long a session lives at most: the lifetime of its cookie.
    pub(super) const fn absolute(&self) -> Duration {
        self.cookie.max_age
    }

    /// When a session expires that is used now.
    pub(super) fn expires(&self, now: Timestamp, created: Timestamp) -> Timestamp {
        now.after(self.idle).min(created.after(self.absolute()))
    }

    /// By how much longer a session has to live for the store to be told: a short idle lifetime is extended more often.
    pub(super) fn touch_step(&self) -> Duration {
        self.touch_every.min(self.idle / 4)
    }

    pub(super) async fn ask<T>(
        &self,
        operation: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, SessionError> {
        let answer = tokio::time::timeout(self.store_timeout, operation).await;
        let late = |_| format!("the session store did not answer within {:?}", self.store_timeout).into();
        answer.map_err(late).and_then(|answer| answer).map_err(SessionError::Store)
    }

    /// Frees the space of expired sessions, beside the requests: where no background task does.
    pub(super) fn sweep_if_due(self: &Arc<Self>, now: Timestamp) {
        if self.sweeps.are_due(now) {
            let shared = Arc::clone(self);
            tokio::spawn(async move { shared.sweep().await });
        }
    }

    async fn sweep(&self) {
        if let Err(err) = self.store.sweep((self.clock)()).await {
            tracing::warn!("expired sessions could not be removed: {err}");
        }
    }

    /// The background task that frees the space of expired sessions until it is dropped.
    pub(super) async fn keep_sweeping(self: Arc<Self>) {
        self.sweeps.keep(|| self.sweep()).await;
    }
}
