//! 405 instead of 404, and the automatic response to `OPTIONS`.

use http::Method;
use http::header::{self, HeaderValue};

use crate::chain::done::{Done, Outcome};
use crate::chain::layer::PlainLayer;
use crate::chain::next::{Next, PlainFn};
use crate::chain::plain::Step;
use crate::{Error, Request, Response, Result};

/// A layer that answers 405 where a route above it has the path and another method, and `OPTIONS` with the methods.
///
/// Without it another method is a 404, as in Express (row 123). It is an error with status 405 and an `Allow` header
/// (RFC 9110, section 15.5.6), so error handlers see it; one that answers with [`res.error(&err)`](Response::error) sends the
/// header. Routes of routers above count too. A method that some route has which handed the request on is allowed: that stays a
/// 404.
///
/// `OPTIONS` is answered as by a router or an app, with 200 and the methods of the routes above. So the layer belongs below the
/// routes, and above a layer that turns what is left into a 404 of its own.
///
/// ```
/// use connect::testing::Client;
/// use connect::{app, bail, error_handler, get, method_not_allowed, middleware, Error, Request, Response, Result};
///
/// #[get("/users")]
/// fn users() -> &'static str {
///     "[]"
/// }
///
/// #[middleware]
/// fn not_found(req: &mut Request) -> Result {
///     bail!(404, "there is no {}", req.path())
/// }
///
/// #[error_handler]
/// fn on_error(err: Error, res: &mut Response) -> Result {
///     res.error(&err).json([err.public_message()])
/// }
///
/// # #[tokio::main] async fn main() {
/// let client = Client::new(app![users, method_not_allowed(), not_found, on_error]);
/// client.put("/users").send().await.assert_status(405).assert_header("allow", "GET, HEAD");
/// client.options("/users").send().await.assert_status(200).assert_header("allow", "GET, HEAD");
/// client.get("/user").send().await.assert_status(404).assert_json(["there is no /user"]);
/// # }
/// ```
pub fn method_not_allowed() -> Step<impl PlainLayer> {
    Step(MethodNotAllowed)
}

#[derive(Debug)]
struct MethodNotAllowed;

impl PlainLayer for MethodNotAllowed {
    fn run(&self, req: &mut Request, res: &mut Response, next: Next<(), PlainFn>) -> Result {
        let allowed = req.allowed();
        if let Some(done) = answer_options(req, res) {
            return Ok(done);
        }
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
