//! What rustc has to be shown of a chain before it finds it by itself.
//!
//! rustc generates code for what it finds in other code. It goes down into each function before it looks at the next:
//! from the first layer's future into the second's, and so on, and where it meets functions of one name 128 times on
//! its way down it gives up ("reached the recursion limit while instantiating"). What it has found before it does not
//! go into again. So [`Chain::collect`] names the futures of a chain from behind, and a host names the chain with
//! [`named`] before it does anything with it. That stores the address of [`Chain::collect`], which is never called.
//!
//! All of it is `#[inline]`, so that it comes into one unit of code generation: what it names is copied to where it is named,
//! and a third more code came of that.

use std::hint::black_box;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::chain::done::Detour;
use crate::chain::{Chain, Rest};
use crate::{Request, Response};

/// Names a whole chain, with the tail that a host gives it.
#[inline]
pub(crate) fn named<C: Chain, T: Rest>() {
    black_box(C::collect::<T> as fn());
}

/// Names what follows on the normal track.
#[inline]
pub(crate) fn normal<T: Rest>() {
    future_of_run(T::run);
}

/// Names what follows on the error track.
#[inline]
pub(crate) fn detour<T: Rest>() {
    future_of_detour(T::detour);
}

#[inline]
fn future_of_run<'a, T, F: Future>(_: impl Fn(T, &'a mut Request, &'a mut Response) -> F) {
    future::<F>();
}

#[inline]
fn future_of_detour<'a, T, F: Future>(_: impl Fn(T, Detour, &'a mut Request, &'a mut Response) -> F) {
    future::<F>();
}

/// What there is of a future: how it is polled, and how it is dropped.
#[inline]
fn future<F: Future>() {
    black_box(F::poll as fn(Pin<&mut F>, &mut Context<'_>) -> Poll<F::Output>);
    black_box(std::ptr::drop_in_place::<F> as unsafe fn(*mut F));
}
