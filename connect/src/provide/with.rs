//! A request with its provided values in the type.

use std::any::Any;
use std::fmt;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};

use ref_cast::{RefCastCustom, ref_cast_custom};

use super::tuples::up_to_twelve;
use super::values::missing;
use crate::{Request, Result};

/// A request for which a layer above has provided the values `Needs`: the parameter of a middleware that needs them.
///
/// `With<User>` has one value, `With<(User, Db)>` several; [`get`](With::get) returns them. Otherwise it is the
/// [`Request`] that it derefs to. If no layer above provides a value that a middleware needs, the list does not
/// compile, with an error at the middleware's entry.
///
/// ```
/// use connect::{app, middleware, Next, Request, Response, Result, With};
///
/// struct User(String);
///
/// #[middleware]
/// fn authenticate(_req: &mut Request, _res: &mut Response, next: Next<User>) -> Result {
///     next.with(User("ann".to_owned())).pass()
/// }
///
/// #[middleware]
/// async fn greet(req: &mut With<User>, res: &mut Response, next: Next) -> Result {
///     res.set("x-user", req.get::<User>().0.as_str());
///     Ok(next.run(req, res).await)
/// }
///
/// let app = app![authenticate, greet];
/// ```
///
/// Without the first layer:
///
/// ```compile_fail
/// # use connect::{app, middleware, Next, Request, Response, Result, With};
/// # struct User(String);
/// # #[middleware]
/// # async fn greet(req: &mut With<User>, res: &mut Response, next: Next) -> Result {
/// #     Ok(next.run(req, res).await)
/// # }
/// let app = app![greet]; // error: no layer above provides `User`
/// ```
#[derive(RefCastCustom)]
#[repr(transparent)]
pub struct With<Needs> {
    req: Request,
    needs: PhantomData<fn() -> Needs>,
}

impl<Needs> With<Needs> {
    #[ref_cast_custom]
    pub(crate) fn of(req: &mut Request) -> &mut Self;

    /// The value.
    ///
    /// # Panics
    /// If the layer has replaced the request. The chain turns the panic into an error.
    #[inline]
    #[must_use]
    #[track_caller]
    pub fn get<T: Any + Send + Sync>(&self) -> &T
    where
        Needs: Holds<T>,
    {
        let value = self.req.provided();
        value.expect("the request is not the one that the values were provided to")
    }
}

impl<Needs> Deref for With<Needs> {
    type Target = Request;
    #[inline]
    fn deref(&self) -> &Request {
        &self.req
    }
}

impl<Needs> DerefMut for With<Needs> {
    #[inline]
    fn deref_mut(&mut self) -> &mut Request {
        &mut self.req
    }
}

impl<Needs> fmt::Debug for With<Needs> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.req.fmt(f)
    }
}

/// A `T` is among what a [`With`] holds.
///
/// Implemented for the type itself, and by `#[middleware]` for those of a tuple.
#[diagnostic::on_unimplemented(
    message = "this layer does not declare that it needs `{T}`",
    label = "write `With<{T}>`, or `With<(.., {T})>` beside others, in the type of `req`"
)]
pub trait Holds<T> {}

#[diagnostic::do_not_recommend]
impl<T> Holds<T> for T {}

/// A tuple of needs, looked up one by one before the layer is called.
pub trait AllProvided {
    /// Fails with an error for the first value that is missing.
    fn check(req: &Request) -> Result<()>;
}

macro_rules! all_provided {
    ($(($($name:ident)+))*) => { $(
        impl<$($name: Any + Send + Sync),+> AllProvided for ($($name,)+) {
            #[inline]
            fn check(req: &Request) -> Result<()> {
                $(req.provided::<$name>().ok_or_else(missing::<$name>)?;)+
                Ok(())
            }
        }
    )* };
}
up_to_twelve!(all_provided);

/// The request for a layer that needs the types of `All`, known to it as `Needs`.
#[inline]
pub(crate) fn with<Needs, All: AllProvided>(req: &mut Request) -> Result<&mut With<Needs>> {
    All::check(req)?;
    Ok(With::of(req))
}
