//! Panics become errors at the link of the layer that panicked, since only that link knows which error handlers
//! come after it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::Result;
use crate::error::Panic;

// Unwind safe, below: what a panic may have left half done is a request and a response of this cycle alone, which
// only error handlers see from here on, and the layer's own state, for which its author answers as for any state
// shared between threads.

/// Calls a plain layer.
#[inline]
pub(crate) fn catch(call: impl FnOnce() -> Result) -> Result {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(result) => result,
        Err(payload) => Err(Panic::new(payload).into()),
    }
}

pin_project_lite::pin_project! {
    /// Polls a future, and gives a panic as an error.
    ///
    /// Await it in a statement of its own: the dead future, which holds borrows and with them guards, is then
    /// dropped before the error track starts.
    pub(crate) struct Caught<F> {
        #[pin]
        future: F,
    }
}

impl<F: Future> Caught<F> {
    /// Nothing may happen when `future` is made: it is made outside of the `catch_unwind`. See [`Lazy`].
    #[inline]
    pub(crate) fn new(future: F) -> Self {
        Caught { future }
    }
}

impl<F: Future> Future for Caught<F> {
    type Output = Result<F::Output, Panic>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match catch_unwind(AssertUnwindSafe(|| self.project().future.poll(cx))) {
            Ok(poll) => poll.map(Ok),
            Err(payload) => Poll::Ready(Err(Panic::new(payload))),
        }
    }
}

pin_project_lite::pin_project! {
    /// Makes a future with the first poll. An `async fn` does nothing when it is called; a method that is
    /// written out may do anything, and what an attribute makes may clone its configuration.
    #[project = LazyProj]
    #[project_replace = LazyOwn]
    pub enum Lazy<M, F> {
        Start { make: M },
        Running { #[pin] future: F },
        Over,
    }
}

impl<M: FnOnce() -> F, F: Future<Output = Result>> Lazy<M, F> {
    #[inline]
    pub fn new(make: M) -> Self {
        Lazy::Start { make }
    }
}

impl<M: FnOnce() -> F, F: Future<Output = Result>> Future for Lazy<M, F> {
    type Output = Result;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result> {
        if let LazyProj::Start { .. } = self.as_mut().project() {
            let LazyOwn::Start { make } = self.as_mut().project_replace(Lazy::Over) else {
                unreachable!("the state was just seen to be Start")
            };
            self.set(Lazy::Running { future: make() });
        }
        match self.project() {
            LazyProj::Running { future } => future.poll(cx),
            _ => panic!("a layer's future was polled after it had panicked"),
        }
    }
}
