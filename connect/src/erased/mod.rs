//! Type erasure: futures, stacks and what follows them, as `dyn`.
//!
//! [`erased`] puts a future in a box and forgets its type. It is used at the borders to executors and traits of other crates, in
//! `next.boxed`, and in `next.run` of a layer that is written by hand or passes the future to a function that may do anything
//! with it. [`stack`] does the same with a stack, for `App::boxed` and for [`debug`], which erases parts of a chain in debug
//! builds. The chain of a release has no other `dyn`.
//!
//! hyper's HTTP/2, tower's and hyper's services under other executors, and the test client ask for `Send` of a request's
//! future where rustc proves it anew when it generates code: now with all types in it revealed, link after link, to
//! which the recursion limit sets an end ("overflow evaluating the requirement"). A `dyn Future + Send` says so itself.
//!
//! The coercion is one of a `Box`, and the pin comes after it. From `Pin<Box<F>>` to `Pin<Box<dyn Future + Send>>` would
//! be the same program, but to find `Pin`'s implementation of `CoerceUnsized` rustc proves just that. A `Box` it knows
//! by itself.
//!
//! The folder may use the traits of `chain` (`Chain`, `Rest`, `Route`), and `codegen`.

pub(crate) mod debug;
pub(crate) mod stack;

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
