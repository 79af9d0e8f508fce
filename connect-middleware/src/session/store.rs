//! Where sessions are kept.

use std::collections::BTreeMap;
use std::error::Error as StdError;
use std::pin::Pin;
use std::sync::Arc;

use super::timestamp::Timestamp;
use super::token::Key;

/// Why a store failed: any error. The client gets status 503.
pub type StoreError = Box<dyn StdError + Send + Sync>;

/// A session as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSession {
    /// The id of the principal who is signed in.
    pub owner: Option<String>,
    /// When the session, or its last login, began.
    pub created: Timestamp,
    /// From when on there is no such session.
    pub expires: Timestamp,
    /// The parts by their names.
    pub parts: BTreeMap<String, StoredPart>,
}

/// A part of a session as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPart {
    /// Which change wrote it: never 0, and never the same for two changes of one session.
    pub version: u64,
    /// The value.
    pub value: Vec<u8>,
}

/// A session that begins, or begins again with another key.
#[derive(Debug, Clone, Copy)]
pub struct NewSession<'a> {
    /// The id of the principal who is signed in.
    pub owner: Option<&'a str>,
    /// The present.
    pub created: Timestamp,
    /// From when on there is no such session.
    pub expires: Timestamp,
    /// The name of the part that is put in.
    pub part: &'a str,
    /// The value of the part.
    pub value: &'a [u8],
}

/// A change of a part, which counts only if nobody has changed that part in between.
#[derive(Debug, Clone, Copy)]
pub struct PartChange<'a> {
    /// The name of the part.
    pub part: &'a str,
    /// The version of the part that the change was made from: 0 for a part that was not there.
    pub from: u64,
    /// The new value; `None` removes the part.
    pub value: Option<&'a [u8]>,
}

/// What became of a [`PartChange`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Swapped {
    /// The part is changed, and has this version. A part that was removed has version 0.
    Done(u64),
    /// The part has another version than the change was made from. Nothing is changed.
    Conflict,
    /// There is no such session. Nothing is changed.
    Gone,
}

/// Where sessions are kept: implement it for a database of your own.
///
/// Each method is atomic: it takes effect wholly or not at all, and as if no other ran at the same time, in this process or in
/// another one with the same store. This is what all promises of [`Sessions`](super::Sessions) rest on. A method whose future is dropped may have
/// taken effect or not.
///
/// A session whose `expires` is not later than `now` is not there, for every method that gets `now`, whether it was removed or
/// not. The time comes from the caller, so that tests can use a clock of their own. Write the methods as `async fn`.
///
/// An `Arc` of a store is a store, too: for an application that uses the store itself.
pub trait Store: Send + Sync + 'static {
    /// Puts in a session with one part. The key is random, and never one that was there before.
    ///
    /// # Errors
    /// If the store fails.
    fn create(
        &self,
        key: &Key,
        session: NewSession<'_>,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Reads a session with all of its parts.
    ///
    /// # Errors
    /// If the store fails.
    fn load(
        &self,
        key: &Key,
        now: Timestamp,
    ) -> impl Future<Output = Result<Option<StoredSession>, StoreError>> + Send;

    /// Changes a part if it still has the version that the change was made from, and gives it a version that no part of the
    /// session has had before. A session that is not there stays away.
    ///
    /// # Errors
    /// If the store fails.
    fn swap(
        &self,
        key: &Key,
        change: PartChange<'_>,
        now: Timestamp,
    ) -> impl Future<Output = Result<Swapped, StoreError>> + Send;

    /// Lets a session expire later, if it is there. A time that is not later than the one it has changes nothing: of two requests the
    /// older may come last.
    ///
    /// # Errors
    /// If the store fails.
    fn touch(
        &self,
        key: &Key,
        expires: Timestamp,
        now: Timestamp,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Gives a session another key, and in the same step the owner, the times and the part of `session`; its other parts stay,
    /// with their versions. The old key is of no session from then on. Returns `false` if there is no session of the old key;
    /// then nothing is changed.
    ///
    /// # Errors
    /// If the store fails.
    fn rename(
        &self,
        from: &Key,
        to: &Key,
        session: NewSession<'_>,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Removes a session, if it is there.
    ///
    /// # Errors
    /// If the store fails.
    fn remove(&self, key: &Key) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Removes all sessions of an owner, except perhaps one.
    ///
    /// # Errors
    /// If the store fails.
    fn remove_owned(
        &self,
        owner: &str,
        except: Option<&Key>,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Frees the space of expired sessions, and says how many there were. A store that does so by itself returns 0.
    ///
    /// # Errors
    /// If the store fails.
    fn sweep(&self, now: Timestamp) -> impl Future<Output = Result<u64, StoreError>> + Send;
}

impl<S: Store> Store for Arc<S> {
    async fn create(&self, key: &Key, session: NewSession<'_>) -> Result<(), StoreError> {
        S::create(self, key, session).await
    }

    async fn load(&self, key: &Key, now: Timestamp) -> Result<Option<StoredSession>, StoreError> {
        S::load(self, key, now).await
    }

    async fn swap(&self, key: &Key, change: PartChange<'_>, now: Timestamp) -> Result<Swapped, StoreError> {
        S::swap(self, key, change, now).await
    }

    async fn touch(&self, key: &Key, expires: Timestamp, now: Timestamp) -> Result<(), StoreError> {
        S::touch(self, key, expires, now).await
    }

    async fn rename(&self, from: &Key, to: &Key, session: NewSession<'_>) -> Result<bool, StoreError> {
        S::rename(self, from, to, session).await
    }

    async fn remove(&self, key: &Key) -> Result<(), StoreError> {
        S::remove(self, key).await
    }

    async fn remove_owned(&self, owner: &str, except: Option<&Key>) -> Result<(), StoreError> {
        S::remove_owned(self, owner, except).await
    }

    async fn sweep(&self, now: Timestamp) -> Result<u64, StoreError> {
        S::sweep(self, now).await
    }
}

// One for each call of a store: the price of one type for all of them.
type Boxed<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// A [`Store`] without its type, so that [`Sessions`](super::Sessions) is one type for all stores.
pub(super) trait AnyStore: Send + Sync {
    fn create<'a>(&'a self, key: &'a Key, session: NewSession<'a>) -> Boxed<'a, ()>;
    fn load<'a>(&'a self, key: &'a Key, now: Timestamp) -> Boxed<'a, Option<StoredSession>>;
    fn swap<'a>(&'a self, key: &'a Key, change: PartChange<'a>, now: Timestamp) -> Boxed<'a, Swapped>;
    fn touch<'a>(&'a self, key: &'a Key, expires: Timestamp, now: Timestamp) -> Boxed<'a, ()>;
    fn rename<'a>(&'a self, from: &'a Key, to: &'a Key, session: NewSession<'a>) -> Boxed<'a, bool>;
    fn remove<'a>(&'a self, key: &'a Key) -> Boxed<'a, ()>;
    fn remove_owned<'a>(&'a self, owner: &'a str, except: Option<&'a Key>) -> Boxed<'a, ()>;
    fn sweep(&self, now: Timestamp) -> Boxed<'_, u64>;
}

impl<S: Store> AnyStore for S {
    fn create<'a>(&'a self, key: &'a Key, session: NewSession<'a>) -> Boxed<'a, ()> {
        Box::pin(Store::create(self, key, session))
    }

    fn load<'a>(&'a self, key: &'a Key, now: Timestamp) -> Boxed<'a, Option<StoredSession>> {
        Box::pin(Store::load(self, key, now))
    }

    fn swap<'a>(&'a self, key: &'a Key, change: PartChange<'a>, now: Timestamp) -> Boxed<'a, Swapped> {
        Box::pin(Store::swap(self, key, change, now))
    }

    fn touch<'a>(&'a self, key: &'a Key, expires: Timestamp, now: Timestamp) -> Boxed<'a, ()> {
        Box::pin(Store::touch(self, key, expires, now))
    }

    fn rename<'a>(&'a self, from: &'a Key, to: &'a Key, session: NewSession<'a>) -> Boxed<'a, bool> {
        Box::pin(Store::rename(self, from, to, session))
    }

    fn remove<'a>(&'a self, key: &'a Key) -> Boxed<'a, ()> {
        Box::pin(Store::remove(self, key))
    }

    fn remove_owned<'a>(&'a self, owner: &'a str, except: Option<&'a Key>) -> Boxed<'a, ()> {
        Box::pin(Store::remove_owned(self, owner, except))
    }

    fn sweep(&self, now: Timestamp) -> Boxed<'_, u64> {
        Box::pin(Store::sweep(self, now))
    }
}
