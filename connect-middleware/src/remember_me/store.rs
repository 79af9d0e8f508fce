//! Where remembered browsers are kept.

use std::pin::Pin;
use std::sync::Arc;

use crate::session::{Key, StoreError, Timestamp};

/// A series as it is stored: one remembered browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSeries {
    /// The id of the principal who is signed in again.
    pub owner: String,
    /// The hash of the token that the browser has, or is about to get.
    pub token: Key,
    /// The hash of the token before it.
    pub previous: Option<Key>,
    /// When the series began.
    pub created: Timestamp,
    /// When it got its token.
    pub rotated: Timestamp,
    /// From when on there is no such series.
    pub expires: Timestamp,
}

/// A series that begins.
#[derive(Debug, Clone, Copy)]
pub struct NewSeries<'a> {
    /// The id of the principal who is signed in again.
    pub owner: &'a str,
    /// The hash of the token.
    pub token: Key,
    /// The present.
    pub created: Timestamp,
    /// From when on there is no such series.
    pub expires: Timestamp,
}

/// A new token for a series, which counts only if nobody has given it another one in between.
#[derive(Debug, Clone, Copy)]
pub struct Rotation {
    /// The hash of the token that it has: it becomes the previous one.
    pub from: Key,
    /// The hash of the new token.
    pub to: Key,
    /// The present.
    pub now: Timestamp,
    /// From when on there is no such series.
    pub expires: Timestamp,
}

/// Where remembered browsers are kept: implement it for a database of your own.
///
/// Each method is atomic, as those of [`session::Store`](crate::session::Store) are: as if no other ran at the same time, in this process or
/// in another one with the same store. A series whose `expires` is not later than `now` is not there. Write the methods as `async fn`.
///
/// Both keys are SHA-256 hashes of random bytes in the cookie: a copy of the store lets nobody in.
///
/// An `Arc` of a store is a store, too.
pub trait RememberStore: Send + Sync + 'static {
    /// Puts in a series. Its key is random, and never one that was there before.
    ///
    /// # Errors
    /// If the store fails.
    fn insert(&self, series: &Key, new: NewSeries<'_>)
    -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Reads a series.
    ///
    /// # Errors
    /// If the store fails.
    fn load(
        &self,
        series: &Key,
        now: Timestamp,
    ) -> impl Future<Output = Result<Option<StoredSeries>, StoreError>> + Send;

    /// Gives a series a new token if it is there and has the token `from` (compare and swap). Returns whether it has.
    ///
    /// # Errors
    /// If the store fails.
    fn rotate(
        &self,
        series: &Key,
        rotation: Rotation,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Removes a series, if it is there.
    ///
    /// # Errors
    /// If the store fails.
    fn remove(&self, series: &Key) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Removes all series of an owner, except perhaps one.
    ///
    /// # Errors
    /// If the store fails.
    fn remove_owned(
        &self,
        owner: &str,
        except: Option<&Key>,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Frees the space of expired series, and says how many there were.
    ///
    /// # Errors
    /// If the store fails.
    fn sweep(&self, now: Timestamp) -> impl Future<Output = Result<u64, StoreError>> + Send;
}

impl<S: RememberStore> RememberStore for Arc<S> {
    async fn insert(&self, series: &Key, new: NewSeries<'_>) -> Result<(), StoreError> {
        S::insert(self, series, new).await
    }

    async fn load(&self, series: &Key, now: Timestamp) -> Result<Option<StoredSeries>, StoreError> {
        S::load(self, series, now).await
    }

    async fn rotate(&self, series: &Key, rotation: Rotation) -> Result<bool, StoreError> {
        S::rotate(self, series, rotation).await
    }

    async fn remove(&self, series: &Key) -> Result<(), StoreError> {
        S::remove(self, series).await
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

/// A [`RememberStore`] without its type, so that [`Browser`](super::Browser) is one type for all stores.
pub(super) trait AnyStore: Send + Sync {
    fn insert<'a>(&'a self, series: &'a Key, new: NewSeries<'a>) -> Boxed<'a, ()>;
    fn load<'a>(&'a self, series: &'a Key, now: Timestamp) -> Boxed<'a, Option<StoredSeries>>;
    fn rotate<'a>(&'a self, series: &'a Key, rotation: Rotation) -> Boxed<'a, bool>;
    fn remove<'a>(&'a self, series: &'a Key) -> Boxed<'a, ()>;
    fn remove_owned<'a>(&'a self, owner: &'a str, except: Option<&'a Key>) -> Boxed<'a, ()>;
    fn sweep(&self, now: Timestamp) -> Boxed<'_, u64>;
}

impl<S: RememberStore> AnyStore for S {
    fn insert<'a>(&'a self, series: &'a Key, new: NewSeries<'a>) -> Boxed<'a, ()> {
        Box::pin(RememberStore::insert(self, series, new))
    }

    fn load<'a>(&'a self, series: &'a Key, now: Timestamp) -> Boxed<'a, Option<StoredSeries>> {
        Box::pin(RememberStore::load(self, series, now))
    }

    fn rotate<'a>(&'a self, series: &'a Key, rotation: Rotation) -> Boxed<'a, bool> {
        Box::pin(RememberStore::rotate(self, series, rotation))
    }

    fn remove<'a>(&'a self, series: &'a Key) -> Boxed<'a, ()> {
        Box::pin(RememberStore::remove(self, series))
    }

    fn remove_owned<'a>(&'a self, owner: &'a str, except: Option<&'a Key>) -> Boxed<'a, ()> {
        Box::pin(RememberStore::remove_owned(self, owner, except))
    }

    fn sweep(&self, now: Timestamp) -> Boxed<'_, u64> {
        Box::pin(RememberStore::sweep(self, now))
    }
}
