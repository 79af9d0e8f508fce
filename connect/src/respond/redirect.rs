//! Redirects.

use std::borrow::Cow;

use http::StatusCode;

use super::Responder;
use crate::{Response, Result};

/// A redirect.
///
/// ```
/// use connect::{app, get, post, Redirect};
///
/// #[post("/notes")]
/// fn create() -> Redirect {
///     Redirect::see_other("/notes/1")
/// }
///
/// #[get("/blog/:slug")]
/// fn moved(slug: &str) -> Redirect {
///     Redirect::permanent(format!("/posts/{slug}"))
/// }
///
/// let app = app![create, moved];
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redirect {
    status: StatusCode,
    location: Cow<'static, str>,
}

impl Redirect {
    /// 302 Found, which Express's `res.redirect` sends: the client may send a GET instead of its method, and most do.
    pub fn to(location: impl Into<Cow<'static, str>>) -> Self {
        Redirect { status: StatusCode::FOUND, location: location.into() }
    }

    /// 303 See Other: the client sends a GET to the location, as after a form was posted.
    pub fn see_other(location: impl Into<Cow<'static, str>>) -> Self {
        Redirect { status: StatusCode::SEE_OTHER, location: location.into() }
    }

    /// 307 Temporary Redirect: the client repeats the same request at the location.
    pub fn temporary(location: impl Into<Cow<'static, str>>) -> Self {
        Redirect { status: StatusCode::TEMPORARY_REDIRECT, location: location.into() }
    }

    /// 308 Permanent Redirect: the client repeats the same request at the location, now and in future.
    pub fn permanent(location: impl Into<Cow<'static, str>>) -> Self {
        Redirect { status: StatusCode::PERMANENT_REDIRECT, location: location.into() }
    }
}

#[diagnostic::do_not_recommend]
impl Responder for Redirect {
    fn respond(self, res: &mut Response) -> Result {
        res.status(self.status).redirect(&self.location)
    }
}
