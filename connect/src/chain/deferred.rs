//! A future that is made by its first poll.
//!
//! A link must not do anything before it is polled, or a timeout or span around it would not cover the work.
//! An `async` block would do, but costs a level of nesting that the compiler has to follow; this is a closure
//! and a two-state enum.

use std::pin::Pin;
use std::task::{Context, Poll};

use super::boxed::Outlined;
use super::done::Done;

/// What the closure of a [`Deferred`] decides on.
pub(crate) enum Continue<A, B> {
    /// Continue in place.
    Inline(A),
    /// Continue in a future of its own: a typed cut.
    Boxed(Outlined<B>),
    /// There is nothing left to wait for.
    Done(Done),
}

pin_project_lite::pin_project! {
    /// One of two ways to go on, chosen already: in place, or in a box.
    #[project = InlineOrBoxedProj]
    pub(crate) enum InlineOrBoxed<A, B> {
        Inline { #[pin] future: A },
        Boxed { future: Outlined<B> },
    }
}

impl<A: Future<Output = Done>, B: Future<Output = Done> + Unpin> Future for InlineOrBoxed<A, B> {
    type Output = Done;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Done> {
        match self.project() {
            InlineOrBoxedProj::Inline { future } => future.poll(cx),
            InlineOrBoxedProj::Boxed { future } => Pin::new(future).poll(cx),
        }
    }
}

pin_project_lite::pin_project! {
    #[project = StateProj]
    #[project_replace = StateOwn]
    enum State<M, A, B> {
        Start { make: M },
        Inline { #[pin] future: A },
        Boxed { future: Outlined<B> },
        Over,
    }
}

pin_project_lite::pin_project! {
    /// See the module.
    pub(crate) struct Deferred<M, A, B> {
        #[pin]
        state: State<M, A, B>,
    }
}

impl<M, A, B> Deferred<M, A, B>
where
    M: FnOnce() -> Continue<A, B>,
    A: Future<Output = Done>,
    B: Future<Output = Done> + Unpin,
{
    #[inline]
    pub(crate) fn new(make: M) -> Self {
        Deferred { state: State::Start { make } }
    }
}

impl<M, A, B> Future for Deferred<M, A, B>
where
    M: FnOnce() -> Continue<A, B>,
    A: Future<Output = Done>,
    B: Future<Output = Done> + Unpin,
{
    type Output = Done;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Done> {
        let mut state = self.project().state;
        if let StateProj::Start { .. } = state.as_mut().project() {
            let StateOwn::Start { make } = state.as_mut().project_replace(State::Over) else {
                unreachable!("the state was just seen to be Start")
            };
            match make() {
                Continue::Inline(future) => state.set(State::Inline { future }),
                Continue::Boxed(future) => state.set(State::Boxed { future }),
                Continue::Done(done) => return Poll::Ready(done),
            }
        }
        match state.project() {
            StateProj::Inline { future } => future.poll(cx),
            StateProj::Boxed { future } => Pin::new(future).poll(cx),
            StateProj::Start { .. } | StateProj::Over => {
                panic!("a chain's future was polled after it had completed")
            }
        }
    }
}
