//! 405 instead of 404, and the automatic answer to `OPTIONS`.

use http::Method;
use http::header::{self, HeaderValue};

use crate::chain::done::{Done, Outcome};
use crate::chain::layer::PlainLayer;
use crate::chain::next::{Next, PlainFn};
use crate::chain::plain::Step;
use crate::{Error, Request, Response, Result};

/// A layer that answers 405 where a route above it has the path and another method.
///
/// Without it that is a 404, as in Express (row 123). It is an error with status 405 and an `Allow` header
/// (RFC 9110, section 15.5.6), so error handlers see it. Routes of routers above count too; `OPTIONS` is answered
/// by the router or app itself. A method that some route has which handed the request on is allowed: that stays a 404.
///
/// ```
/// use connect::{app, get, method_not_allowed};
///
/// #[get("/users")]
/// fn users() -> &'static str {
///     "[]"
/// }
///
/// let app = app![users, method_not_allowed()];
/// ```
pub fn method_not_allowed() -> Step<impl PlainLayer> {
    Step(MethodNotAllowed)
}

#[derive(Debug)]
struct MethodNotAllowed;

impl PlainLayer for MethodNotAllowed {
    fn run(&self, req: &mut Request, _: &mut Response, next: Next<(), PlainFn>) -> Result {
        let allowed = req.allowed();
        if allowed.is_empty() || allowed.has_its_own() || *req.method() == Method::OPTIONS {
            return next.pass();
        }
        Err(Error::new(405, format!("{} is not allowed here", req.method()))
            .with_header("allow", allowed.to_header()))
    }

    fn name(&self) -> &str {
        "method_not_allowed"
    }
}

/// What a router or an app says when `OPTIONS` comes out of it unanswered (rows 146 to 151): the methods of its
/// own routes that have the path.
pub(crate) fn answer_options(req: &Request, res: &mut Response) -> Option<Done> {
    if *req.method() != Method::OPTIONS || req.allowed().is_empty() {
        return None;
    }
    let list = req.allowed().to_header();
    let headers = res.headers_mut();
    if let Ok(allow) = HeaderValue::try_from(&list) {
        headers.insert(header::ALLOW, allow);
    }
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // Its error is a fault that a layer left in the response; the page of the final handler reports it.
    res.end(list).ok().map(|_| Done::answered(Outcome::FinalHandler))
}
