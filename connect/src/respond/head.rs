//! A status and headers with a response.

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use super::Responder;
use crate::{Body, Response, Result};

#[diagnostic::do_not_recommend]
impl Responder for StatusCode {
    fn respond(self, res: &mut Response) -> Result {
        res.status(self).end(Body::empty())
    }
}

/// Headers that are returned with a response.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` are not headers",
    label = "neither a status nor headers",
    note = "in front of a response write a `StatusCode`, a `HeaderMap`, or pairs such as `[(\"name\", \"value\")]`"
)]
pub trait Headers {
    /// Sets the headers.
    fn set(self, res: &mut Response);
}

#[diagnostic::do_not_recommend]
impl Headers for HeaderMap {
    fn set(self, res: &mut Response) {
        let mut last = None;
        for (name, value) in self {
            // The iterator gives a name only with its first value; together they replace earlier ones.
            match (name, &last) {
                (Some(name), _) => {
                    res.set(name.clone(), value);
                    last = Some(name);
                }
                (None, Some(name)) => {
                    res.append(name.clone(), value);
                }
                (None, None) => {}
            }
        }
    }
}

#[diagnostic::do_not_recommend]
impl<N, V, const COUNT: usize> Headers for [(N, V); COUNT]
where
    N: TryInto<HeaderName, Error: Into<http::Error>>,
    V: TryInto<HeaderValue, Error: Into<http::Error>>,
{
    fn set(self, res: &mut Response) {
        for (name, value) in self {
            res.set(name, value);
        }
    }
}

#[diagnostic::do_not_recommend]
impl<T: Responder> Responder for (StatusCode, T) {
    fn respond(self, res: &mut Response) -> Result {
        res.status(self.0);
        self.1.respond(res)
    }
}

#[diagnostic::do_not_recommend]
impl<T: Responder> Responder for (HeaderMap, T) {
    fn respond(self, res: &mut Response) -> Result {
        self.0.set(res);
        self.1.respond(res)
    }
}

#[diagnostic::do_not_recommend]
impl<N, V, T: Responder, const COUNT: usize> Responder for ([(N, V); COUNT], T)
where
    [(N, V); COUNT]: Headers,
{
    fn respond(self, res: &mut Response) -> Result {
        self.0.set(res);
        self.1.respond(res)
    }
}

#[diagnostic::do_not_recommend]
impl<H: Headers, T: Responder> Responder for (StatusCode, H, T) {
    fn respond(self, res: &mut Response) -> Result {
        res.status(self.0);
        self.1.set(res);
        self.2.respond(res)
    }
}
