//! A request whose URL and method may be changed.

use std::fmt;
use std::ops::{Deref, DerefMut};

use http::Method;
use ref_cast::{RefCastCustom, ref_cast_custom};

use crate::{Request, Result, With};

/// A request that a layer may rewrite: what a middleware, an error handler or a route takes that sets the URL or the method.
///
/// The compiler refuses a route that no request reaches, and a request that is rewritten may reach any: so the signature
/// has to say it. For everything else it is the [`Request`] that it derefs to. `Rewrite<User>` is also a
/// [`With<User>`](With). A hand-written layer implements [`RewritingLayer`](crate::RewritingLayer).
///
/// ```
/// use connect::{app, get, middleware, Next, Request, Response, Result, Rewrite};
///
/// /// `/v1/users` is `/users`.
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
    /// Inside of a mount it replaces the stripped target; the mount's own part is put back in front of it
    /// afterwards. A rewrite in a mounted middleware is therefore seen by the rest of the parent's stack too (Connect,
    /// row 100).
    ///
    /// # Errors
    /// If it is neither a path with an optional query nor an absolute URL.
    pub fn set_url(&mut self, url: &str) -> Result<()> {
        self.req.rewrite_url(url)
    }

    /// Sets the method, as a method override does; it counts for the layers after this one (Express, row 135).
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
