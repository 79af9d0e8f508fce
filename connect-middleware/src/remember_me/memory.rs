//! Remembered browsers in memory.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::store::{NewSeries, RememberStore, Rotation, StoredSeries};
use crate::session::{Key, StoreError, Timestamp};

/// Keeps remembered browsers in memory: for tests and development, since all are forgotten when the process ends.
#[derive(Debug, Default)]
pub struct MemoryRememberStore {
    series: Mutex<HashMap<Key, StoredSeries>>,
}

impl MemoryRememberStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many browsers are remembered, with those that have expired and are not swept yet.
    #[must_use]
    pub fn len(&self) -> usize {
        self.series().len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn series(&self) -> MutexGuard<'_, HashMap<Key, StoredSeries>> {
        self.series.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl RememberStore for MemoryRememberStore {
    async fn insert(&self, series: &Key, new: NewSeries<'_>) -> Result<(), StoreError> {
        let NewSeries { owner, token, created, expires } = new;
        let owner = owner.to_owned();
        let stored = StoredSeries { owner, token, previous: None, created, rotated: created, expires };
        self.series().insert(*series, stored);
        Ok(())
    }

    async fn load(&self, series: &Key, now: Timestamp) -> Result<Option<StoredSeries>, StoreError> {
        Ok(self.series().get(series).filter(|stored| stored.expires > now).cloned())
    }

    async fn rotate(&self, series: &Key, rotation: Rotation) -> Result<bool, StoreError> {
        let Rotation { from, to, now, expires } = rotation;
        let mut all = self.series();
        let found = all.get_mut(series).filter(|stored| stored.expires > now && stored.token == from);
        let Some(stored) = found else { return Ok(false) };
        stored.previous = Some(from);
        (stored.token, stored.rotated, stored.expires) = (to, now, expires);
        Ok(true)
    }

    async fn remove(&self, series: &Key) -> Result<(), StoreError> {
        self.series().remove(series);
        Ok(())
    }

    async fn remove_owned(&self, owner: &str, except: Option<&Key>) -> Result<(), StoreError> {
        self.series().retain(|key, stored| stored.owner != owner || Some(key) == except);
        Ok(())
    }

    async fn sweep(&self, now: Timestamp) -> Result<u64, StoreError> {
        let mut all = self.series();
        let before = all.len();
        all.retain(|_, stored| stored.expires > now);
        Ok((before - all.len()).try_into()?)
    }
}

#[cfg(test)]
mod tests {
    use super::super::suite;
    use super::MemoryRememberStore;

    #[tokio::test(flavor = "multi_thread")]
    async fn one_store() {
        suite::all(MemoryRememberStore::new()).await;
    }
}
