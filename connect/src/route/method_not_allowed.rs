//! 405 instead of 404, and the automatic response to `OPTIONS`.

use http::Method;
use http::header::{self, HeaderValue};

use crate::chain::done::{Done, Outcome};
use crate::chain::layer::PlainLayer;
use crate::chain::next::{Next, PlainFn};
use crate::chain::plain::Step;
use crate::{Error, Request, Response, Result};

/// Makes a layer that fails with 405 if a route above it matches the path, but not the method.
///
/// Without it that is a 404, as in Express. The error has status 405 and an `Allow` header (RFC 9110, section 15.5.6),
/// and error handlers see it. Routes of routers above are included. `OPTIONS` is answered by the router or app itself.
/// If a route with the request's method has called `next`, the method is allowed, and it stays a 404.
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

/// The response of a router or an app to an `OPTIONS` request that no layer answered, as in Express: the methods of its
/// own routes that match the path.
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
    // It fails only if a layer has set an invalid header, which the final handler's page reports.
    res.end(list).ok().map(|_| Done::answered(Outcome::FinalHandler))
}
