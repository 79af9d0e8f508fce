//! Responses in the memory of this process.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::store::{Begun, Digest, Store, StoreError, StoredResponse};

/// Keeps responses in the memory of this process: for one process, and gone when it ends.
///
/// It takes 64 MiB at most by default. When it is full, those are removed first that would expire first, requests that were dropped
/// among them. Requests that are running are never removed: if there is no place for one more, it is refused with status 503.
pub struct MemoryStore {
    capacity: usize,
    entries: Mutex<Entries>,
}

#[derive(Default)]
struct Entries {
    by_key: HashMap<Digest, Entry>,
    by_expiry: BTreeSet<(Instant, Digest)>,
    /// Those that may be removed: they are done, or were dropped. Apart, since a crowd of those that are would have to be searched for each request.
    done: BTreeSet<(Instant, Digest)>,
    bytes: usize,
}

struct Entry {
    request: Digest,
    expires: Instant,
    state: State,
    bytes: usize,
}

enum State {
    Running,
    Finished(StoredResponse),
    NotKept,
}

const DEFAULT_CAPACITY: usize = 64 * 1024 * 1024;

/// What an entry takes without a response, about.
const ENTRY: usize = 400;

/// The longest lifetime, 100 years: a clock need not reach further.
const LONGEST: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

impl MemoryStore {
    /// A store of at most 64 MiB.
    #[must_use]
    pub fn new() -> Self {
        Self::with_capacity(DEFAULT_CAPACITY)
    }

    /// A store of about so many bytes at most.
    #[must_use]
    pub fn with_capacity(bytes: usize) -> Self {
        MemoryStore { capacity: bytes, entries: Mutex::default() }
    }

    /// How many keys it has, with those that have expired and were not removed yet.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lock().by_key.len()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    // Each method leaves the maps in order before it can panic.
    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
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

impl Entries {
    fn remove(&mut self, key: &Digest) {
        if let Some(entry) = self.by_key.remove(key) {
            self.by_expiry.remove(&(entry.expires, *key));
            self.done.remove(&(entry.expires, *key));
            self.bytes -= entry.bytes;
        }
    }

    /// The entry of this request, if it is running.
    fn running(&self, key: &Digest, request: &Digest) -> Option<&Entry> {
        let entry = self.by_key.get(key)?;
        (matches!(entry.state, State::Running) && entry.request == *request).then_some(entry)
    }

    fn remove_expired(&mut self, now: Instant) {
        while let Some((expires, key)) = self.by_expiry.first().copied()
            && expires <= now
        {
            self.remove(&key);
        }
    }

    /// Removes others that are done, until so many bytes are free.
    fn make_room(&mut self, bytes: usize, capacity: usize) -> bool {
        while self.bytes + bytes > capacity {
            let Some((_, key)) = self.done.first().copied() else { return false };
            self.remove(&key);
        }
        true
    }
}

fn size(response: &StoredResponse) -> usize {
    let headers = response.headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 64);
    response.body.len() + headers.sum::<usize>()
}

impl Store for MemoryStore {
    async fn begin(&self, key: &Digest, request: &Digest, lifetime: Duration) -> Result<Begun, StoreError> {
        let now = Instant::now();
        let mut entries = self.lock();
        entries.remove_expired(now);
        if let Some(entry) = entries.by_key.get(key) {
            return Ok(match &entry.state {
                _ if entry.request != *request => Begun::OtherRequest,
                State::Running => Begun::Running,
                State::Finished(response) => Begun::Finished(response.clone()),
                State::NotKept => Begun::NotKept,
            });
        }
        if !entries.make_room(ENTRY, self.capacity) {
            return Err("there is no place for one more request".into());
        }
        let expires = now + lifetime.min(LONGEST);
        let entry = Entry { request: *request, expires, state: State::Running, bytes: ENTRY };
        entries.bytes += ENTRY;
        entries.by_expiry.insert((expires, *key));
        entries.by_key.insert(*key, entry);
        Ok(Begun::New)
    }

    async fn finish(
        &self,
        key: &Digest,
        request: &Digest,
        response: Option<StoredResponse>,
    ) -> Result<(), StoreError> {
        let entries = &mut *self.lock();
        let Some(running) = entries.running(key, request) else { return Ok(()) };
        // While it is running, it makes no room for itself.
        let expires = running.expires;
        entries.done.remove(&(expires, *key));
        let response = response.filter(|response| entries.make_room(size(response), self.capacity));
        let bytes = response.as_ref().map_or(0, size);
        if let Some(entry) = entries.by_key.get_mut(key) {
            entry.bytes += bytes;
            entry.state = response.map_or(State::NotKept, State::Finished);
            entries.done.insert((entry.expires, *key));
        }
        entries.bytes += bytes;
        Ok(())
    }

    async fn release(&self, key: &Digest, request: &Digest) -> Result<(), StoreError> {
        let mut entries = self.lock();
        if entries.running(key, request).is_some() {
            entries.remove(key);
        }
        Ok(())
    }

    fn dropped(&self, key: &Digest, request: &Digest) {
        let mut entries = self.lock();
        if let Some(expires) = entries.running(key, request).map(|entry| entry.expires) {
            entries.done.insert((expires, *key));
        }
    }
}
