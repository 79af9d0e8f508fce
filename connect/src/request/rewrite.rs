//! A request whose URL and method may be changed.

use std::fmt;
use std::ops::{Deref, DerefMut};

use http::Method;
use ref_cast::{RefCastCustom, ref_cast_custom};

use crate::{Request, Result, With};

/// A request whose URL and method a layer may change: the parameter of a middleware, an error handler or a route that
/// does.
///
/// The compiler rejects routes that no request reaches, and a rewritten request may reach any route, so the signature
/// has to declare it. Otherwise it is the [`Request`] that it derefs to. `Rewrite<User>` is also a
/// [`With<User>`](With). A layer written by hand implements [`RewritingLayer`](crate::RewritingLayer).
///
/// ```
/// use connect::{app, get, middleware, Next, Request, Response, Result, Rewrite};
///
/// /// Serves `/v1/users` as `/users`.
/// #[middleware]
/// fn strip_version(req: &mut Rewrite, _res: &mut Response, next: Next) -> Result {
///     if let Some(rest) = req.url().strip_prefix("/v1/").map(|rest| format!("/{rest}")) {
///         req.set_url(&rest)?;
///     }
///     next.pass()
/// }
///
/// #[get("/users")]
/// fn users() -> &'static str {
///     "users"
/// }
///
/// let app = app![strip_version, users];
/// ```
#[derive(RefCastCustom)]
#[repr(transparent)]
pub struct Rewrite<Needs = ()> {
    req: With<Needs>,
}

impl Rewrite {
    pub(crate) fn of_request(req: &mut Request) -> &mut Rewrite {
        Rewrite::of(With::of(req))
    }
}

impl<Needs> Rewrite<Needs> {
    #[ref_cast_custom]
    pub(crate) fn of(req: &mut With<Needs>) -> &mut Self;

    /// Rewrites the target for the layers after this one.
    ///
    /// Inside a mount it replaces the stripped target; the mount's own part is put in front of it again afterwards. So
    /// a rewrite in a mounted middleware also changes what the rest of the parent's stack sees, as in Connect and
    /// Express.
    ///
    /// # Errors
    /// If it is neither a path with an optional query nor an absolute URL.
    pub fn set_url(&mut self, url: &str) -> Result<()> {
        self.req.rewrite_url(url)
    }

    /// Sets the method for the layers after this one, as Express's `method-override` does.
    pub fn set_method(&mut self, method: Method) -> &mut Self {
        *self.req.method_to_set() = method;
        self
    }
}

impl<Needs> Deref for Rewrite<Needs> {
    type Target = With<Needs>;
    #[inline]
    fn deref(&self) -> &With<Needs> {
        &self.req
    }
}

impl<Needs> DerefMut for Rewrite<Needs> {
    #[inline]
    fn deref_mut(&mut self) -> &mut With<Needs> {
        &mut self.req
    }
}

impl<Needs> fmt::Debug for Rewrite<Needs> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.req.fmt(f)
    }
}
