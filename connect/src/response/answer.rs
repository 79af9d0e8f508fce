//! The body of a response: how a response is finished, and how it is replaced.

use http::StatusCode;
use http::header::{self, HeaderName, HeaderValue};

use super::{Late, Response, content_type};
use crate::chain::done::{Done, Outcome};
use crate::{Body, Error, Result};

/// The headers that describe a body, and do not apply to another one (RFC 9110, sections 8.3 to 8.8 and 14.4).
const ABOUT_THE_BODY: [HeaderName; 9] = [
    header::CONTENT_TYPE,
    header::CONTENT_LENGTH,
    header::CONTENT_ENCODING,
    header::CONTENT_LANGUAGE,
    header::CONTENT_LOCATION,
    header::CONTENT_RANGE,
    header::ETAG,
    header::LAST_MODIFIED,
    header::TRANSFER_ENCODING,
];

/// The body.
impl Response {
    /// Returns whether a layer has finished the response, by one of the methods that answer.
    #[must_use]
    #[inline]
    pub fn is_finished(&self) -> bool {
        self.finished
    }

    /// The body of the response.
    #[must_use]
    pub fn body(&self) -> &Body {
        &self.body
    }

    /// Takes the body, to wrap or measure it, and leaves an empty one. Set another with
    /// [`set_body`](Response::set_body).
    #[must_use]
    pub fn take_body(&mut self) -> Body {
        self.late.redirect = false;
        std::mem::take(&mut self.body)
    }

    /// Replaces the body of a finished response, as a compressing middleware does. It removes `Content-Length`, which
    /// the server computes again, and leaves the other headers to the caller.
    pub fn set_body(&mut self, body: impl Into<Body>) -> &mut Self {
        self.late.redirect = false;
        self.body = body.into();
        self.headers.remove(header::CONTENT_LENGTH);
        self
    }

    /// Begins every method that answers: drops an earlier response, and returns the first fault as an error.
    #[inline]
    pub(crate) fn begin(&mut self) -> Result<()> {
        if self.finished {
            self.forget_body();
        }
        if let Some(fault) = self.fault.take() {
            return Err(fault);
        }
        if self.status.is_informational() {
            return Err(Error::msg(format!(
                "{} cannot be the status of a response: set one from 200 to 999",
                self.status
            )));
        }
        Ok(())
    }

    #[inline]
    pub(crate) fn finish(&mut self, body: Body) -> Done {
        self.body = body;
        self.finished = true;
        Done::answered(Outcome::Layer)
    }

    /// Ends the methods that send a complete body.
    #[inline]
    pub(super) fn deliver(&mut self, body: Body) -> Done {
        self.late.validate = true;
        match self.status {
            StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED => {
                self.headers.remove(header::CONTENT_TYPE);
                self.finish(Body::empty())
            }
            StatusCode::RESET_CONTENT => self.finish(Body::empty()),
            _ => self.finish(body),
        }
    }

    #[inline]
    pub(crate) fn send_as(&mut self, content_type: HeaderValue, body: Body) -> Result {
        self.begin()?;
        self.headers.insert(header::CONTENT_TYPE, content_type);
        Ok(self.deliver(body))
    }

    /// Answers with a body and a default `Content-Type`.
    #[inline]
    pub(super) fn send_with_default(
        &mut self,
        content_type: HeaderValue,
        is_text: bool,
        body: Body,
    ) -> Result {
        self.begin()?;
        match self.headers.entry(header::CONTENT_TYPE) {
            header::Entry::Vacant(entry) => {
                entry.insert(content_type);
            }
            header::Entry::Occupied(mut entry) if is_text => content_type::complete(entry.get_mut()),
            header::Entry::Occupied(_) => {}
        }
        Ok(self.deliver(body))
    }

    /// Answers with text that a route has returned. It is plain text by default, because `format!("hello {name}")`
    /// escapes nothing.
    #[inline]
    pub(crate) fn send_plain(&mut self, text: impl Into<Body>) -> Result {
        self.send_with_default(HeaderValue::from_static("text/plain; charset=utf-8"), true, text.into())
    }

    /// Drops the body and the headers that describe it.
    pub(crate) fn forget_body(&mut self) {
        self.body = Body::empty();
        let Late { no_etag, no_encoding, .. } = self.late;
        self.late = Late { no_etag, no_encoding, ..Late::default() };
        for name in ABOUT_THE_BODY {
            self.headers.remove(name);
        }
    }

    /// Drops the response of a layer that then failed, before an error handler answers. Its status is dropped too.
    pub(crate) fn forget_answer(&mut self) {
        self.fault = None;
        if self.finished {
            self.forget_body();
            self.status = StatusCode::OK;
            self.finished = false;
        }
    }

    /// Whether a status or header was set that HTTP does not allow.
    #[inline]
    pub(crate) fn has_fault(&self) -> bool {
        self.fault.is_some()
    }

    /// Takes the fault, and drops the response.
    #[cold]
    pub(crate) fn take_fault(&mut self) -> Error {
        let fault = self.fault.take();
        self.forget_answer();
        fault.unwrap_or_else(|| Error::msg("the response has no fault"))
    }

    /// Answers with a page of the final handler, in place of any other response.
    pub(crate) fn finish_with_page(&mut self, status: StatusCode, page: String) {
        self.fault = None;
        self.status = status;
        self.late = Late { no_encoding: self.late.no_encoding, ..Late::default() };
        self.body = page.into();
        self.finished = true;
    }
}

#[cfg(test)]
mod tests {
    use super::Response;

    #[test]
    fn a_wrong_status_or_header_is_an_error_at_send() {
        let mut res = Response::new();
        let err = res.status(1000).set("a b", "x").send("x").unwrap_err();
        assert_eq!(err.to_string(), "1000 is not a status: expected 100 to 999");
        assert!(res.set("x", "a\nb").send("x").unwrap_err().to_string().contains("`x`"));
        assert!(res.send("x").is_ok());
        assert!(res.send_status(99).is_err());
    }

    #[test]
    fn a_second_response_replaces_the_first_and_its_body_headers() {
        let mut res = Response::new();
        let _ = res.set("etag", "\"1\"").set("x-kept", "1").json([1, 2]);
        let _ = res.send("text");
        assert_eq!(res.header("content-type"), Some("text/html; charset=utf-8"));
        assert_eq!((res.header("etag"), res.header("x-kept")), (None, Some("1")));
    }

    #[test]
    fn a_type_that_was_set_is_kept_and_text_gets_its_charset() {
        for (set, sent) in [
            ("text/plain", "text/plain; charset=utf-8"),
            ("text/plain; charset=UTF-8", "text/plain; charset=UTF-8"),
            ("text/plain;charset=latin1", "text/plain; charset=utf-8"),
            ("application/problem+json; x=\"a;b\"", "application/problem+json; x=\"a;b\"; charset=utf-8"),
            ("image/svg+xml", "image/svg+xml; charset=utf-8"),
            ("application/pdf", "application/pdf"),
        ] {
            let mut res = Response::new();
            let _ = res.set("content-type", set).send("x");
            assert_eq!(res.header("content-type"), Some(sent));
        }
        let mut res = Response::new();
        let _ = res.set("content-type", "text/plain").send(vec![0xe9]);
        assert_eq!(res.header("content-type"), Some("text/plain"));
        let mut res = Response::new();
        let _ = res.set("content-type", "application/vnd.api+json").json("x");
        assert_eq!(res.header("content-type"), Some("application/vnd.api+json"));
    }

    #[test]
    fn a_status_without_a_body_has_none_whatever_is_sent() {
        for (status, content_type) in [(204, None), (304, None), (205, Some("text/html; charset=utf-8"))] {
            let mut res = Response::new();
            let _ = res.status(status).send("body");
            assert_eq!(res.header("content-type"), content_type, "{status}");
            assert!(res.body().as_bytes().unwrap().is_empty(), "{status}");
        }
    }

    #[test]
    fn a_bare_status_is_sent_with_its_text_or_number() {
        for (status, text) in [(404, "Not Found"), (418, "I'm a Teapot"), (599, "599")] {
            let mut res = Response::new();
            let _ = res.set("content-type", "image/png").send_status(status);
            assert_eq!(
                (res.status_code().as_u16(), res.body().as_bytes().unwrap().as_ref()),
                (status, text.as_bytes())
            );
            assert_eq!(res.header("content-type"), Some("text/plain; charset=utf-8"));
        }
    }
}
