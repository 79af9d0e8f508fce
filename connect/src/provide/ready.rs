//! `next` in a layer that provides: first the value, then on.

use std::marker::PhantomData;
use std::pin::Pin;

use super::values::{Provided, Provides};
use crate::chain::Rest;
use crate::chain::done::{Done, Flow};
use crate::chain::next::{ErrorHandler, PlainFn};
use crate::error::IntoError;
use crate::refused::{PlainMiddleware, WaitsForTheRest};
use crate::request::Number;
use crate::{Next, Request, Response, Result, Resume};

/// The second argument of [`Next`] in a layer that provides something: `R` is what it is once that is given.
#[derive(Debug, Clone, Copy)]
pub struct Gives<Form, R> {
    pub(crate) rest: R,
    /// The request that it is for.
    to: Number,
    form: PhantomData<fn() -> Form>,
}

/// A layer's way on, with the values that it provides: what [`next.with(value)`](Next::with) gives.
#[must_use = "a layer hands on: `next.with(value).pass()`, or `next.with(value).run(req, res).await`"]
#[derive(Debug)]
pub struct Ready<R, Form> {
    rest: R,
    provided: Provided,
    form: PhantomData<fn() -> Form>,
}

impl<P, R> Next<P, Gives<(), R>> {
    /// What the attribute makes of a layer's `next`, where the layer provides something.
    pub(crate) fn giving<Q, Form>(next: Next<(), R>, req: &mut Request) -> Next<Q, Gives<Form, R>> {
        Next::new(Gives { rest: next.into_rest(), to: req.number(), form: PhantomData })
    }
}

impl<P, Form, R> Next<P, Gives<Form, R>> {
    /// Provides what the layer's `next: Next<User>` promises to the layers below: `next.with(user).pass()` or
    /// `next.with(user).run(req, res).await`; of several, `Next<(User, Db)>`, all at once, `next.with((user, db))`.
    ///
    /// A layer below takes it as `req: &mut With<User>`, a route as `user: &User`. It costs one slot in the request
    /// and one allocation.
    #[inline]
    pub fn with(self, value: P) -> Ready<R, Form>
    where
        P: Provides<Form>,
    {
        let Gives { rest, to, .. } = self.into_rest();
        Ready { rest, provided: value.provided(to), form: PhantomData }
    }

    /// Leaves the router that this layer stands in, and provides nothing: what comes after the router does not
    /// count on it.
    ///
    /// # Errors
    /// None of its own.
    #[inline]
    pub fn router(self) -> Result {
        Ok(Done(Flow::Leave))
    }

    /// Not here: first [`with`](Next::with).
    ///
    /// # Errors
    /// None.
    #[doc(hidden)]
    pub fn pass(self) -> Result
    where
        Promised<P>: Kept,
    {
        Ok(Done(Flow::Pass))
    }

    /// Leaves the route in whose own stack this layer stands, and provides nothing: what follows is the next route that
    /// matches. It is how a loader says that there is nothing to load.
    ///
    /// ```
    /// use connect::{app, get, middleware, Next, Request, Response, Result};
    ///
    /// struct Pet(String);
    ///
    /// #[middleware]
    /// fn load_pet(req: &mut Request, _res: &mut Response, next: Next<Pet>) -> Result {
    ///     match &*req.param::<String>("name")? {
    ///         "tobi" => next.with(Pet("tobi".to_owned())).pass(),
    ///         _ => next.route(),
    ///     }
    /// }
    ///
    /// #[get("/pets/:name", load_pet)]
    /// fn show(pet: &Pet, req: &Request) -> String {
    ///     format!("{} at {}", pet.0, req.url())
    /// }
    ///
    /// #[get("/pets/:name")]
    /// fn adopt(name: &str) -> String {
    ///     format!("there is no {name}: adopt one")
    /// }
    ///
    /// let app = app![show, adopt];
    /// ```
    ///
    /// In a layer that stands in no route it is an error with status 500: there the layers below would go on without the
    /// value.
    ///
    /// # Errors
    /// None of its own.
    #[inline]
    pub fn route(self) -> Result {
        Ok(Done(Flow::Route))
    }

    /// Not here: first [`with`](Next::with).
    #[doc(hidden)]
    pub fn run(self, _: &mut Request, _: &mut Response) -> std::future::Pending<Done>
    where
        Promised<P>: Kept,
    {
        std::future::pending()
    }

    /// Not here, as `run`.
    #[doc(hidden)]
    pub fn boxed(self, _: &mut Request, _: &mut Response) -> std::future::Pending<Done>
    where
        Promised<P>: Kept,
    {
        std::future::pending()
    }
}

/// Stands in a bound that nothing meets, for its message.
#[doc(hidden)]
#[derive(Debug)]
pub struct Promised<P>(PhantomData<P>);

/// Implemented by nothing.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "this layer promises a value to the layers below, and goes on without it",
    label = "`next: Next<..>` says what: give it first, `next.with(value).pass()` or `next.with(value).run(req, res).await`"
)]
pub trait Kept {}

impl<R, Form> Ready<R, Form> {
    /// Hands an error to the error handlers declared after this layer. Nothing is provided then.
    ///
    /// # Errors
    /// Always `err`.
    #[inline]
    pub fn fail(self, err: impl IntoError) -> Result {
        Err(err.into_error())
    }
}

impl<R: Rest, Form> Ready<R, Form> {
    /// Continues with the next layer; see [`Next::pass`].
    ///
    /// # Errors
    /// None of its own.
    #[inline]
    pub fn pass(self) -> Result {
        Ok(Done(Flow::Provides(self.provided)))
    }

    /// Runs everything below this layer and comes back; see [`Next::run`].
    #[inline]
    pub fn run(self, req: &mut Request, res: &mut Response) -> impl Future<Output = Done> + Send {
        self.provided.put(&mut req.values);
        Next::<(), R>::new(self.rest).run(req, res)
    }

    /// The same as a future without a type; see [`Next::boxed`].
    #[inline]
    pub fn boxed<'a>(
        self,
        req: &'a mut Request,
        res: &'a mut Response,
    ) -> Pin<Box<dyn Future<Output = Done> + Send + 'a>>
    where
        R: 'a,
    {
        self.provided.put(&mut req.values);
        Next::<(), R>::new(self.rest).boxed(req, res)
    }
}

impl<Form> Ready<PlainFn, Form> {
    /// Continues with the next layer; see [`Next::pass`].
    ///
    /// # Errors
    /// None of its own.
    #[inline]
    pub fn pass(self) -> Result {
        Ok(Done(Flow::Provides(self.provided)))
    }

    /// Not here: a plain `fn` cannot wait for the rest of the stack.
    #[doc(hidden)]
    pub fn run(self, req: &mut Request, res: &mut Response) -> Done
    where
        PlainMiddleware<Form>: WaitsForTheRest,
    {
        Next::<Form, PlainFn>::new(self.rest).run(req, res)
    }
}

impl<Form> Gives<Form, ErrorHandler> {
    /// What the attribute makes of an error handler's `next`, where the handler provides something.
    pub(crate) fn resuming<P>(req: &mut Request) -> Resume<P, Self> {
        Resume::new(Gives { rest: ErrorHandler, to: req.number(), form: PhantomData })
    }
}

/// In an error handler that resumes.
impl<P, Form> Resume<P, Gives<Form, ErrorHandler>> {
    /// Provides what the handler's `next: Resume<User>` promises: `next.with(user).resume()`.
    #[inline]
    pub fn with(self, value: P) -> Ready<ErrorHandler, Form>
    where
        P: Provides<Form>,
    {
        Ready { rest: ErrorHandler, provided: value.provided(self.into_track().to), form: PhantomData }
    }

    /// Hands an error to the error handlers declared after this one.
    ///
    /// # Errors
    /// Always `err`.
    #[inline]
    pub fn fail(self, err: impl IntoError) -> Result {
        Err(err.into_error())
    }

    /// Drops the error and leaves the router that this handler stands in, and provides nothing: what comes after the
    /// router does not count on it.
    ///
    /// # Errors
    /// None of its own.
    #[inline]
    pub fn router(self) -> Result {
        Ok(Done(Flow::Leave))
    }

    /// Not here: first [`with`](Resume::with).
    ///
    /// # Errors
    /// None.
    #[doc(hidden)]
    pub fn resume(self) -> Result
    where
        Promised<P>: Kept,
    {
        Ok(Done(Flow::Pass))
    }
}

impl<Form> Ready<ErrorHandler, Form> {
    /// Drops the error and continues with the next layer of the normal track; see [`Resume::resume`].
    ///
    /// # Errors
    /// None of its own.
    #[inline]
    pub fn resume(self) -> Result {
        Ok(Done(Flow::Provides(self.provided)))
    }
}
