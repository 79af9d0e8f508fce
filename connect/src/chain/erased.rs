//! A future whose type is forgotten: at the borders to executors and traits of others, and in debug builds where
//! that makes rebuilding faster (`held.rs`, `server/answer.rs`). In the chain of a release build only `next.boxed` does so,
//! and `next.run` in a layer that is written by hand or passes the future to a function that may do anything with it.
//!
//! hyper's HTTP/2, tower's and hyper's services under other executors, and the test client ask for `Send` of a request's
//! future where rustc proves it anew when it generates code: now with all types in it revealed, link after link, to
//! which the recursion limit sets an end ("overflow evaluating the requirement"). A `dyn Future + Send` says so itself.
//!
//! The coercion is one of a `Box`, and the pin comes after it. From `Pin<Box<F>>` to `Pin<Box<dyn Future + Send>>` would
//! be the same program, but to find `Pin`'s implementation of `CoerceUnsized` rustc proves just that. A `Box` it knows
//! by itself.

use std::pin::Pin;

/// A future in a box, without its type.
pub(crate) type Erased<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Puts a future in a box, and forgets its type.
// The box first, so that the future is made in it and not copied.
#[inline]
pub(crate) fn erased<'a, T, F: Future<Output = T> + Send + 'a>(make: impl FnOnce() -> F) -> Erased<'a, T> {
    let future: Box<F> = Box::write(Box::new_uninit(), make());
    let future: Box<dyn Future<Output = T> + Send + 'a> = future;
    Box::into_pin(future)
}
