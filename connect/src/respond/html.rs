//! Responses in HTML.

use http::HeaderValue;

use super::Responder;
use crate::{Body, Response, Result};

/// A response in HTML. The `Content-Type` is `text/html; charset=utf-8`, also if another was set.
///
/// The text is sent as it is: escape what comes from clients. Text that is returned without `Html` is plain text and
/// needs no escaping.
///
/// ```
/// use connect::{app, get, Html};
///
/// #[get("/")]
/// fn index() -> Html<String> {
///     Html(format!("<p>{}</p>", 6 * 7))
/// }
///
/// let app = app![index];
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Html<T>(pub T);

#[diagnostic::do_not_recommend]
impl<T: Into<Body>> Responder for Html<T> {
    fn respond(self, res: &mut Response) -> Result {
        res.send_as(HeaderValue::from_static("text/html; charset=utf-8"), self.0.into())
    }
}
