//! Bounds that nothing meets, for their messages: why `next` lacks a method in a function of its kind, and what to write.
//!
//! The methods stand beside those that `next` has, in [`chain::next`](crate::chain::next), since rustc words a method of another module
//! with the module's path.

use std::marker::PhantomData;

/// Stands in a bound that nothing meets, for its message.
#[doc(hidden)]
#[derive(Debug)]
pub struct PlainMiddleware<P>(PhantomData<P>);

/// Implemented by nothing.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`next.run` needs an `async fn`: a plain `fn` cannot wait for the rest of the stack",
    label = "make this function `async` and await it, or hand on with `next.pass()`"
)]
pub trait WaitsForTheRest {}

/// Stands in a bound that nothing meets, for its message.
#[doc(hidden)]
#[derive(Debug)]
pub struct LastOfItsStack<P>(PhantomData<P>);

/// Implemented by nothing.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "a route cannot run what comes after it: its function is the last of its stack",
    label = "hand on with `next.pass()`, or do this in a `#[middleware]` before the routes"
)]
pub trait HasARest {}

/// Stands in a bound that nothing meets, for its message.
#[doc(hidden)]
#[derive(Debug)]
pub struct ErrorTrack<P>(PhantomData<P>);

/// Implemented by nothing.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "an error handler cannot go on along the normal track with `next: Next`: that would drop the error",
    label = "hand the error on with `next.fail(err)`, or declare `next: Resume` and go back with `next.resume()`"
)]
pub trait GoesBack {}
