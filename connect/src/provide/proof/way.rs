//! A place of a stack, as a type: what was provided there, on which track, and what holds where nothing is said.

use std::marker::PhantomData;

/// Types that are told and of which there is no value. Whatever they are, it can go to another thread.
pub(crate) type Told<T> = PhantomData<fn() -> T>;

/// Where nothing was provided.
#[derive(Debug)]
pub struct Start;

/// Where a `T` was provided, on top of everything before.
#[derive(Debug)]
pub struct Given<T, Before>(Told<(T, Before)>);

/// Something was provided: on top of other types, or where a list begins.
pub trait NotEmpty {}

impl<T, Before> NotEmpty for Given<T, Before> {}

/// A place of a stack: what was provided whichever track the request came by (`Sure`: what there was on entering the app
/// or router, and what cannot fail to be provided), and what `Now`, on the normal track. The third says whether a layer may
/// have resumed in this list, the last which routes may stand here.
#[derive(Debug)]
pub struct Way<Sure, Now, Resumption = Straight, Policy = AllowAll>(Told<(Sure, Now, Resumption, Policy)>);

impl<S, N, F, P> Clone for Way<S, N, F, P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S, N, F, P> Copy for Way<S, N, F, P> {}

impl<S, N, F, P> Default for Way<S, N, F, P> {
    fn default() -> Self {
        Way::new()
    }
}

impl<S, N, F, P> Way<S, N, F, P> {
    pub(crate) const fn new() -> Self {
        Way(PhantomData)
    }
}

/// No error handler in the stack resumes: the default of `impl Stack`.
#[derive(Debug)]
pub struct Straight;

/// An error handler in the stack may resume the normal track: `impl Stack<(), (), Resuming>`.
///
/// The error may have skipped the layers above such a stack, so layers below it cannot rely on the values that those
/// provide. They can rely on what was provided where the app, the router or the route's own stack begins, on the values
/// of [`provide(..)`](crate::provide()), and on what the stack declares to provide.
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

/// The policy of a list that does not say: every route may stand anywhere.
#[derive(Debug)]
pub struct AllowAll;

/// [`Straight`] or [`Resuming`].
pub trait MayResume {
    /// The two of them together.
    type Or<F>;
    /// What counts behind a mounted list: `Now`, or only what is `Sure`.
    type Keep<Now, Sure>;
}

impl MayResume for Straight {
    type Or<F> = F;
    type Keep<Now, Sure> = Now;
}

impl MayResume for Resuming {
    type Or<F> = Resuming;
    type Keep<Now, Sure> = Sure;
}
