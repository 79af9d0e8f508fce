//! Sessions in the memory of this process.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::store::{NewSession, PartChange, Store, StoreError, StoredPart, StoredSession, Swapped};
use super::timestamp::Timestamp;
use super::token::Key;

/// Keeps sessions in the memory of this process: for one process, and gone when it ends.
///
/// It keeps at most 100,000 sessions by default. When it is full, a new session takes the place of the one that expires first,
/// of those where nobody is signed in as long as there are any.
pub struct MemoryStore {
    capacity: usize,
    sessions: Mutex<Sessions>,
}

#[derive(Default)]
struct Sessions {
    by_key: HashMap<Key, Entry>,
    by_owner: HashMap<String, BTreeSet<Key>>,
    /// In the order in which they make room: first those without an owner, then by the time.
    by_expiry: BTreeSet<(bool, Timestamp, Key)>,
}

struct Entry {
    session: StoredSession,
    /// The highest version that a part has had.
    version: u64,
}

const DEFAULT_CAPACITY: usize = 100_000;

impl MemoryStore {
    /// A store for at most 100,000 sessions.
    #[must_use]
    pub fn new() -> Self {
        Self::with_capacity(DEFAULT_CAPACITY)
    }

    /// A store for at most so many sessions; 0 counts as 1.
    #[must_use]
    pub fn with_capacity(sessions: usize) -> Self {
        MemoryStore { capacity: sessions.max(1), sessions: Mutex::default() }
    }

    /// How many sessions it keeps, with those that have expired and were not swept yet.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lock().by_key.len()
    }

    /// Whether it keeps none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    // Each method leaves the maps in order before it can panic.
    fn lock(&self) -> MutexGuard<'_, Sessions> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").field("len", &self.len()).field("capacity", &self.capacity).finish()
    }
}

impl Sessions {
    fn insert(&mut self, key: Key, entry: Entry) {
        self.by_expiry.insert((entry.session.owner.is_some(), entry.session.expires, key));
        if let Some(owner) = &entry.session.owner {
            self.by_owner.entry(owner.clone()).or_default().insert(key);
        }
        self.by_key.insert(key, entry);
    }

    fn remove(&mut self, key: &Key) -> Option<Entry> {
        let entry = self.by_key.remove(key)?;
        self.by_expiry.remove(&(entry.session.owner.is_some(), entry.session.expires, *key));
        if let Some(owner) = &entry.session.owner
            && let Some(keys) = self.by_owner.get_mut(owner)
        {
            keys.remove(key);
            if keys.is_empty() {
                self.by_owner.remove(owner);
            }
        }
        Some(entry)
    }

    fn find(&mut self, key: &Key, now: Timestamp) -> Option<&mut Entry> {
        self.by_key.get_mut(key).filter(|entry| entry.session.expires > now)
    }
}

impl Entry {
    /// A part with a version that none has had.
    fn part(&mut self, value: &[u8]) -> StoredPart {
        self.version += 1;
        StoredPart { version: self.version, value: value.to_owned() }
    }
}

impl Store for MemoryStore {
    async fn create(&self, key: &Key, new: NewSession<'_>) -> Result<(), StoreError> {
        let owner = new.owner.map(str::to_owned);
        let session =
            StoredSession { owner, created: new.created, expires: new.expires, parts: BTreeMap::new() };
        let mut entry = Entry { session, version: 0 };
        let part = entry.part(new.value);
        entry.session.parts.insert(new.part.to_owned(), part);
        let mut sessions = self.lock();
        while sessions.by_key.len() >= self.capacity {
            let Some((_, _, first)) = sessions.by_expiry.first().copied() else { break };
            sessions.remove(&first);
        }
        sessions.insert(*key, entry);
        Ok(())
    }

    async fn load(&self, key: &Key, now: Timestamp) -> Result<Option<StoredSession>, StoreError> {
        Ok(self.lock().find(key, now).map(|entry| entry.session.clone()))
    }

    async fn swap(&self, key: &Key, change: PartChange<'_>, now: Timestamp) -> Result<Swapped, StoreError> {
        let mut sessions = self.lock();
        let Some(entry) = sessions.find(key, now) else { return Ok(Swapped::Gone) };
        if entry.session.parts.get(change.part).map_or(0, |part| part.version) != change.from {
            return Ok(Swapped::Conflict);
        }
        let Some(value) = change.value else {
            entry.session.parts.remove(change.part);
            return Ok(Swapped::Done(0));
        };
        let part = entry.part(value);
        let version = part.version;
        entry.session.parts.insert(change.part.to_owned(), part);
        Ok(Swapped::Done(version))
    }

    async fn touch(&self, key: &Key, expires: Timestamp, now: Timestamp) -> Result<(), StoreError> {
        let mut sessions = self.lock();
        if sessions.find(key, now).is_some_and(|entry| entry.session.expires < expires)
            && let Some(mut entry) = sessions.remove(key)
        {
            entry.session.expires = expires;
            sessions.insert(*key, entry);
        }
        Ok(())
    }

    async fn rename(&self, from: &Key, to: &Key, new: NewSession<'_>) -> Result<bool, StoreError> {
        let mut sessions = self.lock();
        if sessions.find(from, new.created).is_none() {
            return Ok(false);
        }
        let Some(mut entry) = sessions.remove(from) else { return Ok(false) };
        let part = entry.part(new.value);
        entry.session.parts.insert(new.part.to_owned(), part);
        entry.session.owner = new.owner.map(str::to_owned);
        entry.session.created = new.created;
        entry.session.expires = new.expires;
        sessions.insert(*to, entry);
        Ok(true)
    }

    async fn remove(&self, key: &Key) -> Result<(), StoreError> {
        self.lock().remove(key);
        Ok(())
    }

    async fn remove_owned(&self, owner: &str, except: Option<&Key>) -> Result<(), StoreError> {
        let mut sessions = self.lock();
        let keys = sessions.by_owner.get(owner).cloned().unwrap_or_default();
        for key in keys.iter().filter(|key| Some(*key) != except) {
            sessions.remove(key);
        }
        Ok(())
    }

    async fn sweep(&self, now: Timestamp) -> Result<u64, StoreError> {
        let mut sessions = self.lock();
        let mut swept = 0;
        for owned in [false, true] {
            let first = (owned, Timestamp::from_millis(0), Key::from_bytes([0; 32]));
            let last = (owned, now, Key::from_bytes([255; 32]));
            let expired: Vec<Key> = sessions.by_expiry.range(first..=last).map(|(.., key)| *key).collect();
            for key in expired {
                sessions.remove(&key);
                swept += 1;
            }
        }
        Ok(swept)
    }
}
