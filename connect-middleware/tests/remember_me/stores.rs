//! Stores that count and fail.

use connect::Result;
use connect_middleware::remember_me::{
    MemoryRememberStore, NewSeries, RememberStore, Rotation, StoredSeries,
};
use connect_middleware::session::{
    Key, MemoryStore, NewSession, PartChange, Store, StoreError, StoredSession, Swapped, Timestamp,
};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use tokio::sync::Barrier;

/// A store in memory that counts, fails, and lets two requests load the same series at the same time.
#[derive(Default)]
pub(crate) struct Probe {
    pub(crate) store: MemoryRememberStore,
    pub(crate) calls: AtomicUsize,
    pub(crate) is_down: AtomicBool,
    pub(crate) together: Mutex<Option<Arc<Barrier>>>,
    /// A rotation waits twice: when it is done, and to go on.
    pub(crate) rotated: Mutex<Option<Arc<Barrier>>>,
}

impl Probe {
    fn call(&self) -> Result<(), StoreError> {
        self.calls.fetch_add(1, SeqCst);
        if self.is_down.load(SeqCst) { Err("the store is down".into()) } else { Ok(()) }
    }
}

impl RememberStore for Probe {
    async fn insert(&self, series: &Key, new: NewSeries<'_>) -> Result<(), StoreError> {
        self.call()?;
        self.store.insert(series, new).await
    }

    async fn load(&self, series: &Key, now: Timestamp) -> Result<Option<StoredSeries>, StoreError> {
        self.call()?;
        let loaded = self.store.load(series, now).await;
        let together = self.together.lock().unwrap().clone();
        if let Some(together) = together
            && together.wait().await.is_leader()
        {
            *self.together.lock().unwrap() = None;
        }
        loaded
    }

    async fn rotate(&self, series: &Key, rotation: Rotation) -> Result<bool, StoreError> {
        self.call()?;
        let done = self.store.rotate(series, rotation).await;
        let rotated = self.rotated.lock().unwrap().take();
        if let Some(rotated) = rotated {
            rotated.wait().await;
            rotated.wait().await;
        }
        done
    }

    async fn remove(&self, series: &Key) -> Result<(), StoreError> {
        self.call()?;
        self.store.remove(series).await
    }

    async fn remove_owned(&self, owner: &str, except: Option<&Key>) -> Result<(), StoreError> {
        self.call()?;
        self.store.remove_owned(owner, except).await
    }

    async fn sweep(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.store.sweep(now).await
    }
}

/// Sessions in memory: they cannot be ended while the store is down, and one load can be made to fail.
#[derive(Default)]
pub(crate) struct FailingSessions {
    pub(crate) store: MemoryStore,
    pub(crate) is_down: AtomicBool,
    /// Which load fails, counted down; 0 for none.
    pub(crate) failing_load: AtomicUsize,
}

impl Store for FailingSessions {
    async fn create(&self, key: &Key, session: NewSession<'_>) -> Result<(), StoreError> {
        self.store.create(key, session).await
    }

    async fn load(&self, key: &Key, now: Timestamp) -> Result<Option<StoredSession>, StoreError> {
        let failing = self.failing_load.fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1));
        if failing == Ok(1) {
            return Err("the store is down".into());
        }
        self.store.load(key, now).await
    }

    async fn swap(&self, key: &Key, change: PartChange<'_>, now: Timestamp) -> Result<Swapped, StoreError> {
        self.store.swap(key, change, now).await
    }

    async fn touch(&self, key: &Key, expires: Timestamp, now: Timestamp) -> Result<(), StoreError> {
        self.store.touch(key, expires, now).await
    }

    async fn rename(&self, from: &Key, to: &Key, session: NewSession<'_>) -> Result<bool, StoreError> {
        self.store.rename(from, to, session).await
    }

    async fn remove(&self, key: &Key) -> Result<(), StoreError> {
        self.store.remove(key).await
    }

    async fn remove_owned(&self, owner: &str, except: Option<&Key>) -> Result<(), StoreError> {
        if self.is_down.load(SeqCst) {
            return Err("the store is down".into());
        }
        self.store.remove_owned(owner, except).await
    }

    async fn sweep(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.store.sweep(now).await
    }
}
