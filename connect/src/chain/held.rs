//! Futures whose types are hidden in a debug build.
//!
//! A future's type is known to whatever holds it, up to the server's connections, and so is what the debugger is told
//! of its variables: when a line of a route changes, all of that is compiled again. A box without the type
//! ends it: of 250 routes, a debug build after a change of one line took half of the time with it. The
//! program of a release has none.

#[cfg(debug_assertions)]
type Held<'a, F> = std::pin::Pin<Box<dyn Future<Output = <F as Future>::Output> + Send + 'a>>;

#[cfg(not(debug_assertions))]
type Held<'a, F> = F;

/// The future, in a box if this is a debug build.
#[cfg(debug_assertions)]
pub(crate) fn held<'a, F: Future + Send + 'a>(future: F) -> Held<'a, F> {
    Box::pin(future)
}

/// The future, as it is.
#[cfg(not(debug_assertions))]
#[inline]
pub(crate) fn held<F: Future + Send>(future: F) -> Held<'static, F> {
    future
}
