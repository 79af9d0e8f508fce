//! Two stores of one database.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use super::super::store::{NewSession, PartChange, Store, StoreError, StoredSession, Swapped};
use super::super::timestamp::Timestamp;
use super::super::token::Key;

/// Two stores of one database, in turns: as two processes use it.
pub(in crate::session) struct Alternating<S> {
    stores: [S; 2],
    turn: AtomicUsize,
}

impl<S> Alternating<S> {
    pub(in crate::session) fn new(one: S, other: S) -> Self {
        Alternating { stores: [one, other], turn: AtomicUsize::new(0) }
    }

    fn next(&self) -> &S {
        &self.stores[self.turn.fetch_add(1, Relaxed) % 2]
    }
}

impl<S: Store> Store for Alternating<S> {
    async fn create(&self, key: &Key, session: NewSession<'_>) -> Result<(), StoreError> {
        self.next().create(key, session).await
    }

    async fn load(&self, key: &Key, now: Timestamp) -> Result<Option<StoredSession>, StoreError> {
        self.next().load(key, now).await
    }

    async fn swap(&self, key: &Key, change: PartChange<'_>, now: Timestamp) -> Result<Swapped, StoreError> {
        self.next().swap(key, change, now).await
    }

    async fn touch(&self, key: &Key, expires: Timestamp, now: Timestamp) -> Result<(), StoreError> {
        self.next().touch(key, expires, now).await
    }

    async fn rename(&self, from: &Key, to: &Key, session: NewSession<'_>) -> Result<bool, StoreError> {
        self.next().rename(from, to, session).await
    }

    async fn remove(&self, key: &Key) -> Result<(), StoreError> {
        self.next().remove(key).await
    }

    async fn remove_owned(&self, owner: &str, except: Option<&Key>) -> Result<(), StoreError> {
        self.next().remove_owned(owner, except).await
    }

    async fn sweep(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.next().sweep(now).await
    }
}
