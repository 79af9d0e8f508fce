//! Panics become errors at the link of the layer that panicked, since only that link knows which error handlers
//! come after it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::Result;
use crate::error::Panic;

/// Calls a plain layer.
#[inline]
pub(crate) fn catch(call: impl FnOnce() -> Result) -> Result {
    // Unwind safe: what the panic may have left half done is a request and a response of this cycle alone,
    // which only error handlers see from here on, and the layer's own state, for which its author answers as
    // for any state shared between threads.
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(result) => result,
        Err(payload) => Err(Panic::new(payload).into()),
    }
}

pin_project_lite::pin_project! {
    /// Makes an async layer's future with the first poll, and polls it, both under one `catch_unwind`.
    #[project = CaughtProj]
    #[project_replace = CaughtOwn]
    pub(crate) enum Caught<M, F> {
        Start { make: M },
        Running { #[pin] future: F },
        Over,
    }
}

impl<M, F> Caught<M, F>
where
    M: FnOnce() -> F,
    F: Future<Output = Result>,
{
    #[inline]
    pub(crate) fn new(make: M) -> Self {
        Caught::Start { make }
    }
}

impl<M, F> Future for Caught<M, F>
where
    M: FnOnce() -> F,
    F: Future<Output = Result>,
{
    type Output = Result;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result> {
        let polled = catch_unwind(AssertUnwindSafe(|| {
            if let CaughtProj::Start { .. } = self.as_mut().project() {
                let CaughtOwn::Start { make } = self.as_mut().project_replace(Caught::Over) else {
                    unreachable!("the state was just seen to be Start")
                };
                self.set(Caught::Running { future: make() });
            }
            match self.as_mut().project() {
                CaughtProj::Running { future } => future.poll(cx),
                _ => panic!("a layer's future was polled after it had completed"),
            }
        }));
        match polled {
            Ok(poll) => poll,
            Err(payload) => {
                // The dead future goes before the error track starts: it holds borrows and, with them, guards.
                self.set(Caught::Over);
                Poll::Ready(Err(Panic::new(payload).into()))
            }
        }
    }
}
