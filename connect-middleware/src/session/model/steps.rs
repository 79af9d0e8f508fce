//! A store whose operations are steps.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

use crate::session::store::{NewSession, PartChange, Store, StoreError, StoredSession, Swapped};
use crate::session::timestamp::Timestamp;
use crate::session::token::Key;

/// A store that stops before and after each operation, and notes what has taken effect.
pub(super) struct Steps<S> {
    pub(super) store: S,
    pub(super) log: Arc<Log>,
}

#[derive(Default)]
pub(super) struct Log {
    /// A task has come to the end of a step.
    pub(super) stopped: AtomicBool,
    /// New keys and old ones.
    pub(super) renamed: Mutex<HashMap<Key, Key>>,
    pub(super) removed: Mutex<HashSet<Key>>,
    pub(super) removed_owned: Mutex<HashMap<String, usize>>,
}

impl<S> Steps<S> {
    async fn stop(&self) {
        let mut stopped = false;
        std::future::poll_fn(|_| {
            if stopped {
                return std::task::Poll::Ready(());
            }
            stopped = true;
            self.log.stopped.store(true, SeqCst);
            std::task::Poll::Pending
        })
        .await;
    }

    async fn step<T>(&self, operation: impl Future<Output = T>, note: impl FnOnce(&T)) -> T {
        self.stop().await;
        let result = operation.await;
        note(&result);
        self.stop().await;
        result
    }
}

impl<S: Store> Store for Steps<S> {
    async fn create(&self, key: &Key, session: NewSession<'_>) -> Result<(), StoreError> {
        self.step(self.store.create(key, session), |_| ()).await
    }

    async fn load(&self, key: &Key, now: Timestamp) -> Result<Option<StoredSession>, StoreError> {
        self.step(self.store.load(key, now), |_| ()).await
    }

    async fn swap(&self, key: &Key, change: PartChange<'_>, now: Timestamp) -> Result<Swapped, StoreError> {
        self.step(self.store.swap(key, change, now), |_| ()).await
    }

    async fn touch(&self, key: &Key, expires: Timestamp, now: Timestamp) -> Result<(), StoreError> {
        self.step(self.store.touch(key, expires, now), |_| ()).await
    }

    async fn rename(&self, from: &Key, to: &Key, session: NewSession<'_>) -> Result<bool, StoreError> {
        self.step(self.store.rename(from, to, session), |renamed| {
            if matches!(renamed, Ok(true)) {
                self.log.renamed.lock().unwrap().insert(*to, *from);
            }
        })
        .await
    }

    async fn remove(&self, key: &Key) -> Result<(), StoreError> {
        self.step(self.store.remove(key), |_| {
            self.log.removed.lock().unwrap().insert(*key);
        })
        .await
    }

    async fn remove_owned(&self, owner: &str, except: Option<&Key>) -> Result<(), StoreError> {
        self.step(self.store.remove_owned(owner, except), |_| {
            *self.log.removed_owned.lock().unwrap().entry(owner.to_owned()).or_default() += 1;
        })
        .await
    }

    async fn sweep(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.store.sweep(now).await
    }
}
