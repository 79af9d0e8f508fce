//! Answering with another response.

use http::{HeaderMap, StatusCode, header};

use super::Response;
use crate::error::Error;
use crate::{Body, Responder, Result};

impl Response {
    /// Answers with any value that a route can return: see [`Responder`].
    ///
    /// ```
    /// use connect::{app, post, Html, Response, Result};
    ///
    /// #[post("/sign-up")]
    /// fn sign_up(res: &mut Response) -> Result {
    ///     res.status(422).respond(Html("<p>This name is taken."))
    /// }
    ///
    /// let app = app![sign_up];
    /// ```
    ///
    /// # Errors
    /// The error of the value's [`Responder`].
    #[inline]
    pub fn respond(&mut self, answer: impl Responder) -> Result {
        answer.respond(self)
    }

    /// Sets the error that the response reports when it is sent.
    pub(crate) fn fails(&mut self, err: Error) {
        self.fault = Some(err);
    }

    /// Answers with another response; [`Responder for Response`](Responder) has the rules for its status and headers.
    pub(crate) fn become_like(&mut self, mut other: Response) -> Result {
        if let Some(err) = other.fault.take() {
            return Err(err);
        }
        if other.status != StatusCode::OK {
            self.status = other.status;
        }
        self.begin()?;
        self.join_later(&mut other);
        let mut headers = std::mem::take(other.headers.all_mut());
        if self.headers.contains_key(header::CONTENT_TYPE) {
            headers.remove(header::CONTENT_TYPE);
        }
        self.join_headers(headers);
        let done = self.finish(std::mem::replace(&mut other.body, Body::empty()));
        other.late.no_etag |= self.late.no_etag;
        other.late.no_encoding |= self.late.no_encoding;
        self.late = other.late;
        Ok(done)
    }

    /// Adds headers, which replace those of the same name. `Set-Cookie` and `Vary` are appended.
    pub(super) fn join_headers(&mut self, headers: HeaderMap) {
        // The iterator gives a name only with the first of its values.
        let mut name = None;
        for (next, value) in headers {
            let is_new = next.is_some();
            name = next.or(name);
            let Some(name) = &name else { continue };
            let adds = *name == header::SET_COOKIE || *name == header::VARY;
            if is_new && !adds {
                self.headers.insert(name.clone(), value);
            } else {
                self.headers.append(name.clone(), value);
            }
        }
    }
}
