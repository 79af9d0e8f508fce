//! A place of a stack, as a type: what was provided there, and on which track.

use std::marker::PhantomData;

use super::declare::{Declaration, Declares, ResumesInside};
use super::tuple::Types;

/// Types that are told and of which there is no value. Whatever they are, it can go to another thread.
pub(crate) type Told<T> = PhantomData<fn() -> T>;

/// Where nothing was provided.
#[derive(Debug)]
pub struct Start;

/// Where a `T` was provided, on top of everything before.
#[derive(Debug)]
pub struct Given<T, Before>(Told<(T, Before)>);

/// A place of a stack: what was provided whichever track the request came by (`Sure`: what there was on entering the app
/// or router, and what cannot fail to be provided), and what `Now`, on the normal track. The last says whether a layer may
/// have resumed in this list.
#[derive(Debug)]
pub struct Way<Sure, Now, Resumption = Straight>(Told<(Sure, Now, Resumption)>);

impl<S, N, F> Clone for Way<S, N, F> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S, N, F> Copy for Way<S, N, F> {}

impl<S, N, F> Default for Way<S, N, F> {
    fn default() -> Self {
        Way(PhantomData)
    }
}

impl<S, N> Way<S, N> {
    pub(crate) const fn new() -> Self {
        Way(PhantomData)
    }
}

/// No error handler in the stack resumes: the default of `impl Stack`.
#[derive(Debug)]
pub struct Straight;

/// An error handler in the stack may resume the normal track: `impl Stack<(), (), Resuming>`.
///
/// The error may have skipped the layers above such a stack, so the values that they provide do not count below it. What
/// counts is what was provided where the app, the router or the route's own stack begins, the values of
/// [`provide(..)`](crate::provide()), and what the stack declares to provide.
///
/// ```
/// use connect::{app, error_handler, stack, Error, Request, Response, Result, Resume, Resuming, Stack};
///
/// #[error_handler]
/// fn ignore(_err: Error, _req: &mut Request, _res: &mut Response, next: Resume) -> Result {
///     next.resume()
/// }
///
/// fn lenient() -> impl Stack<(), (), Resuming> {
///     stack![ignore]
/// }
///
/// let app = app![lenient()];
/// ```
#[derive(Debug)]
pub struct Resuming;

/// [`Straight`] or [`Resuming`].
pub trait MayResume {
    /// The two of them together.
    type Or<F>;
    /// What counts behind a mounted list: `Now`, or only what is `Sure`.
    type Keep<Now, Sure>;
    /// What a stack from a function declares.
    type Declares<Needs: Types, Provides: Types>: Declaration<Needs = Needs, Provides = Provides>;
}

impl MayResume for Straight {
    type Or<F> = F;
    type Keep<Now, Sure> = Now;
    type Declares<N: Types, P: Types> = Declares<N, P>;
}

impl MayResume for Resuming {
    type Or<F> = Resuming;
    type Keep<Now, Sure> = Sure;
    type Declares<N: Types, P: Types> = ResumesInside<N, P>;
}
