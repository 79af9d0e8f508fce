//! How a layer hands a request on: [`Next`]. The file ends with what `next` cannot do in a function of one kind or another: methods
//! with a bound that nothing meets, whose message says what to write.

use std::marker::PhantomData;
use std::pin::Pin;

use super::Rest;
use super::boxed::{Boxed, Outlined, TypeErased};
use super::deferred::InlineOrBoxed;
use super::done::{Done, Flow, Result};
use super::signal::answered_and_handed_on;
use crate::erased::erased;
use crate::error::IntoError;
use crate::refused::{ErrorTrack, GoesBack, HasARest, LastOfItsStack, PlainMiddleware, WaitsForTheRest};
use crate::response::Undo;
use crate::{Request, Response};

/// A layer's way on. It is consumed by use, so it cannot be used twice.
///
/// In a function with an attribute write it without arguments, `next: Next`; the attribute adds the second one,
/// which says what may be done with it:
///
/// | in | `pass`, `route`, `router` | `run`, `boxed` | `fail` |
/// |---|---|---|---|
/// | an `async fn` middleware | yes | yes | yes |
/// | a plain `fn` middleware | yes | | yes |
/// | a route | yes | | yes |
/// | an error handler | | | yes |
///
/// The first argument is what the layer provides to those below: `next: Next<User>`, or `next: Next<(User, Db)>`.
/// Such a `Next` has [`with`](Next::with) in front of `pass`, `run` and `boxed`.
#[must_use = "a layer answers or hands on: `next.pass()`, `next.run(req, res).await` or `next.fail(err)`"]
#[derive(Debug)]
pub struct Next<P = (), R = NoAttribute> {
    rest: R,
    provides: PhantomData<fn() -> P>,
}

/// The second argument of [`Next`] in a [`PlainLayer`](crate::PlainLayer): there is no `run`.
#[derive(Debug, Clone, Copy)]
pub struct PlainFn;

/// The second argument of [`Next`] in a route: there is no `run`.
#[derive(Debug, Clone, Copy)]
pub struct RouteHandler;

/// The second argument of [`Next`] in an error handler: there is only `fail`.
#[derive(Debug, Clone, Copy)]
pub struct ErrorHandler;

/// The second argument of [`Next`] by default: in a function without its attribute.
///
/// There is no value of it. Everything can be done with such a `Next`, so that what the compiler reports is the
/// missing attribute, where the function is listed, and nothing else.
#[derive(Debug, Clone, Copy)]
pub enum NoAttribute {}

impl<P, R> Next<P, R> {
    #[inline]
    pub(crate) fn new(rest: R) -> Self {
        Next { rest, provides: PhantomData }
    }

    #[inline]
    pub(crate) fn into_rest(self) -> R {
        self.rest
    }

    /// Hands an error to the error handlers declared after this layer; the same as returning it.
    ///
    /// # Errors
    /// Always `err`.
    #[inline]
    #[track_caller]
    pub fn fail(self, err: impl IntoError) -> Result {
        Err(err.into_error())
    }
}

impl<R: Rest> Next<(), R> {
    /// For a layer that awaits the future of [`run`](Next::run) through wrappers that do not box it.
    #[inline]
    pub(crate) fn apart(self) -> Next<(), Boxed<R>> {
        Next::new(Boxed(self.rest))
    }

    /// For a layer that may do anything with that future.
    #[inline]
    pub(crate) fn type_erased(self) -> Next<(), TypeErased<R>> {
        Next::new(TypeErased(self.rest))
    }
}

impl<P, R: Rest> Next<P, R> {
    /// Continues with the next layer, without coming back to this one.
    ///
    /// # Errors
    /// None of its own: the `Result` is there so that it can stand at the end of a layer.
    #[inline]
    pub fn pass(self) -> Result {
        PASS
    }

    /// Leaves the route whose own stack this layer stands in, and continues with the next layer that matches.
    ///
    /// Outside of a route's own stack it is the same as [`pass`](Next::pass) (Express: `next('route')`, rows 127
    /// to 129).
    ///
    /// # Errors
    /// None of its own.
    #[inline]
    pub fn route(self) -> Result {
        ROUTE
    }

    /// Leaves the router that this layer stands in: continues after it, in the stack around it.
    ///
    /// Outside of any router it leaves the app, which then answers 404 (Express: `next('router')`, rows 131
    /// and 132).
    ///
    /// # Errors
    /// None of its own.
    #[inline]
    pub fn router(self) -> Result {
        LEAVE
    }

    /// Runs everything below this layer and comes back.
    ///
    /// What it gives is a [`Done`] and not a `Result`, because everything below has been dealt with by then:
    /// an error went to the handlers below, and what none of them took was answered by the final handler.
    /// `res` holds the answer and may still be changed. In a route's own stack an error that none of the route's handlers
    /// took is still on its way to those around the route: then the [outcome](Done::outcome) is
    /// [`Failed`](crate::Outcome::Failed), and `res` is not finished.
    ///
    /// Nothing below runs before the first poll, so it runs inside of whatever wraps this future: a timeout,
    /// a tracing span, a task-local scope. When the future is dropped, everything below is dropped with it,
    /// the path that a mount had stripped is put back, and `res` is as it was before: without the headers and the status that
    /// layers below have set. Where one of them has put another response in its place, `*res = other`, what was set before went with it.
    /// A function that was given to `on_finish` stays.
    ///
    /// A layer that does more with it than to await it where it stands, as `timeout(limit, next.run(req, res)).await` does,
    /// has what follows in a box of its own: one allocation for each call, in a hand-written layer always. Each function
    /// that a future is passed to keeps it twice. The box is type-erased, since the function may do so, unless the function is
    /// one of tokio's `timeout`, `timeout_at`, `unconstrained`, `scope`, `select!`, `join!` and `try_join!`, or of tracing's
    /// `instrument`, `in_current_span`, `with_subscriber` and `with_current_subscriber`, recognized by these names. For a
    /// type-erased future there is [`boxed`](Next::boxed).
    ///
    /// To call it is to hand on. After the layer has answered that is an error on the error track, and the answer is
    /// dropped.
    #[inline]
    pub fn run(self, req: &mut Request, res: &mut Response) -> impl Future<Output = Done> + Send {
        let rest = self.rest;
        // Read now and not with the first poll: the future holds `res`, so no code can answer in between.
        if res.is_finished() {
            // The layer's mistake.
            let why = answered_and_handed_on(res);
            InlineOrBoxed::Boxed { future: Outlined(rest.detour(why, req, res)) }
        } else {
            InlineOrBoxed::Inline { future: rest.run(req, res) }
        }
    }

    /// The same as [`run`](Next::run), as a future without a type: for a struct that keeps it, a function that takes one
    /// of several, a trait that asks for a `BoxFuture`.
    ///
    /// It is one box; `Box::pin(next.run(req, res))` and futures' `.boxed()` give the same with a second one.
    ///
    /// ```
    /// use connect::{middleware, Next, Request, Response, Result};
    ///
    /// #[middleware]
    /// async fn quiet_at_night(req: &mut Request, res: &mut Response, next: Next) -> Result {
    ///     let below = next.boxed(req, res);
    ///     Ok(below.await)
    /// }
    /// ```
    #[inline]
    pub fn boxed<'a>(
        self,
        req: &'a mut Request,
        res: &'a mut Response,
    ) -> Pin<Box<dyn Future<Output = Done> + Send + 'a>>
    where
        R: 'a,
    {
        let next = Next::<(), R>::new(self.rest);
        erased(|| async move {
            let undo = Undo::of(res);
            let done = next.run(req, undo.res).await;
            undo.keep();
            done
        })
    }
}

pub(super) const PASS: Result = Ok(Done(Flow::Pass));
pub(super) const ROUTE: Result = Ok(Done(Flow::Route));
pub(super) const LEAVE: Result = Ok(Done(Flow::Leave));

/// Defines `pass`, `route` and `router` for a `Next` that is no more than a permission.
macro_rules! hands_on {
    () => {
        /// Continues with the next layer, in a route with the next one that matches.
        ///
        /// # Errors
        /// None of its own.
        #[inline]
        pub fn pass(self) -> Result {
            PASS
        }

        /// Leaves the route whose own stack this layer stands in.
        ///
        /// # Errors
        /// None of its own.
        #[inline]
        pub fn route(self) -> Result {
            ROUTE
        }

        /// Leaves the router that this layer stands in.
        ///
        /// # Errors
        /// None of its own.
        #[inline]
        pub fn router(self) -> Result {
            LEAVE
        }
    };
}

/// In a route.
impl<P> Next<P, RouteHandler> {
    hands_on!();

    /// Not here: nothing comes after a route's handler.
    #[doc(hidden)]
    pub fn run(self, _: &mut Request, _: &mut Response) -> std::future::Pending<Done>
    where
        LastOfItsStack<P>: HasARest,
    {
        std::future::pending()
    }

    /// Not here, as `run`.
    #[doc(hidden)]
    pub fn boxed(self, _: &mut Request, _: &mut Response) -> std::future::Pending<Done>
    where
        LastOfItsStack<P>: HasARest,
    {
        std::future::pending()
    }
}

/// In a plain `fn`.
impl<P> Next<P, PlainFn> {
    hands_on!();

    /// Not here: a plain `fn` cannot wait for the rest of the stack.
    #[doc(hidden)]
    pub fn run(self, _: &mut Request, _: &mut Response) -> Done
    where
        PlainMiddleware<P>: WaitsForTheRest,
    {
        // Nothing implements the bound.
        Done(Flow::Pass)
    }

    /// Not here, as `run`.
    #[doc(hidden)]
    pub fn boxed(self, _: &mut Request, _: &mut Response) -> Done
    where
        PlainMiddleware<P>: WaitsForTheRest,
    {
        // Nothing implements the bound.
        Done(Flow::Pass)
    }
}

/// In an error handler.
impl<P> Next<P, ErrorHandler> {
    /// Not here: it would drop the error.
    ///
    /// # Errors
    /// None.
    #[doc(hidden)]
    pub fn pass(self) -> Result
    where
        ErrorTrack<P>: GoesBack,
    {
        PASS
    }

    /// Not here: it would drop the error.
    ///
    /// # Errors
    /// None.
    #[doc(hidden)]
    pub fn route(self) -> Result
    where
        ErrorTrack<P>: GoesBack,
    {
        ROUTE
    }

    /// Not here: it would drop the error.
    ///
    /// # Errors
    /// None.
    #[doc(hidden)]
    pub fn router(self) -> Result
    where
        ErrorTrack<P>: GoesBack,
    {
        LEAVE
    }

    /// Not here: that is what `next: Resume` is for.
    ///
    /// # Errors
    /// None.
    #[doc(hidden)]
    pub fn resume(self) -> Result
    where
        ErrorTrack<P>: GoesBack,
    {
        PASS
    }

    /// Not here: it would drop the error.
    #[doc(hidden)]
    pub fn run(self, _: &mut Request, _: &mut Response) -> std::future::Pending<Done>
    where
        ErrorTrack<P>: GoesBack,
    {
        std::future::pending()
    }

    /// Not here, as `run`.
    #[doc(hidden)]
    pub fn boxed(self, _: &mut Request, _: &mut Response) -> std::future::Pending<Done>
    where
        ErrorTrack<P>: GoesBack,
    {
        std::future::pending()
    }
}

/// In a function without its attribute; see [`NoAttribute`].
#[doc(hidden)]
impl<P> Next<P, NoAttribute> {
    pub fn with(self, _: P) -> Next<(), NoAttribute> {
        match self.rest {}
    }

    /// # Errors
    /// None.
    pub fn pass(self) -> Result {
        match self.rest {}
    }

    /// # Errors
    /// None.
    pub fn route(self) -> Result {
        match self.rest {}
    }

    /// # Errors
    /// None.
    pub fn router(self) -> Result {
        match self.rest {}
    }

    pub fn run(self, _: &mut Request, _: &mut Response) -> std::future::Pending<Done> {
        match self.rest {}
    }

    pub fn boxed(self, _: &mut Request, _: &mut Response) -> std::future::Pending<Done> {
        match self.rest {}
    }
}
