//! How an error handler goes back to the normal track: [`Resume`].

use std::marker::PhantomData;

use super::done::Result;
use super::next::{ErrorHandler, LEAVE, Next, PASS, ROUTE};
use crate::error::IntoError;

/// An error handler's way back to the normal track.
///
/// An error handler has to ask for it by its type, `next: Resume`. With plain [`Next`] it can only answer or
/// fail: a handler that goes on by mistake would turn every error into a 404.
#[must_use = "an error handler answers, fails, or goes back with `next.resume()`"]
#[derive(Debug)]
pub struct Resume<P = (), R = ErrorHandler> {
    track: R,
    provides: PhantomData<fn() -> P>,
}

impl<P, R> Resume<P, R> {
    #[inline]
    pub(crate) fn new(track: R) -> Self {
        Resume { track, provides: PhantomData }
    }

    #[inline]
    pub(crate) fn into_track(self) -> R {
        self.track
    }
}

impl<P> Resume<P> {
    /// Drops the error and continues with the next layer of the normal track.
    ///
    /// The response stays as it is, a status set earlier included (Express, row 35).
    ///
    /// # Errors
    /// None of its own.
    #[inline]
    pub fn resume(self) -> Result {
        PASS
    }

    /// Drops the error and leaves the route whose own stack this handler stands in (Express, row 129).
    ///
    /// # Errors
    /// None of its own.
    #[inline]
    pub fn route(self) -> Result {
        ROUTE
    }

    /// Drops the error and leaves the router that this handler stands in (Express, row 131).
    ///
    /// # Errors
    /// None of its own.
    #[inline]
    pub fn router(self) -> Result {
        LEAVE
    }

    /// Hands an error, this one or another, to the error handlers declared after this one.
    ///
    /// # Errors
    /// Always `err`.
    #[inline]
    #[track_caller]
    pub fn fail(self, err: impl IntoError) -> Result {
        Err(err.into_error())
    }
}

/// For an error handler that asks for a `Next` only.
impl<P> From<Resume> for Next<P, ErrorHandler> {
    #[inline]
    fn from(_: Resume) -> Self {
        Next::new(ErrorHandler)
    }
}
