//! Text that is HTML, whatever content type was set.

use http::{HeaderValue, header};

use super::Responder;
use crate::{Body, Response, Result};

/// HTML, as `text/html; charset=utf-8`. [`res.send`](Response::send) of a text is that too, unless a content type was set.
///
/// The text is sent as it is: what comes from elsewhere has to be escaped before.
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
        res.set(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
        res.end(self.0)
    }
}
