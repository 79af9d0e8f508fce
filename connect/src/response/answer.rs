//! The acts that answer, and the body of the answer.

use bytes::Bytes;
use futures_core::Stream;
use http::StatusCode;
use http::header::{self, HeaderName, HeaderValue};
use serde::Serialize;

use super::{Late, Response, content_type};
use crate::chain::done::{Done, Outcome};
use crate::error::BoxError;
use crate::status::{self, IntoStatus};
use crate::{Body, Error, Result};

/// What [`Response::send`] takes: text (`&'static str`, `String`) or bytes (`Bytes`, `Vec<u8>`,
/// `&'static [u8]`).
///
/// Nothing is copied, so text that is only borrowed has to be made one's own first, with `to_owned()`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be sent",
    label = "not text or bytes",
    note = "`send` takes `&'static str`, `String`, `Bytes`, `Vec<u8>`; borrowed text needs `.to_owned()`, a value that implements `Serialize` is for `res.json(value)`"
)]
pub trait Sendable: Into<Body> {
    /// The `Content-Type`, if the response has none yet.
    #[doc(hidden)]
    const CONTENT_TYPE: HeaderValue;

    /// Whether it is text, and so in UTF-8.
    #[doc(hidden)]
    const IS_TEXT: bool;
}

macro_rules! sendable {
    ($($content_type:literal, $is_text:literal: $($ty:ty),*;)*) => { $($(
        impl Sendable for $ty {
            const CONTENT_TYPE: HeaderValue = HeaderValue::from_static($content_type);
            const IS_TEXT: bool = $is_text;
        }
    )*)* };
}
sendable! {
    "text/html; charset=utf-8", true: &'static str, String;
    "application/octet-stream", false: Bytes, Vec<u8>, &'static [u8];
}

/// The headers that describe a body, and are wrong for another one (RFC 9110, sections 8.3 to 8.8 and 14.4).
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

/// The answer.
impl Response {
    /// Answers with text or bytes.
    ///
    /// Text is sent as `text/html; charset=utf-8`, bytes as `application/octet-stream`, unless a
    /// `Content-Type` was set; to that of a text `charset=utf-8` is added, which is what a text is in (Express, row
    /// 192). With the status 204, 205 or 304 there is no body, whatever is sent (row 193). Sent after an earlier
    /// answer, it replaces that one.
    ///
    /// A GET that is answered with 200 gets an [`ETag`](Response::etag), and a 304 if the client's copy is fresh.
    ///
    /// ```
    /// # use connect::Response;
    /// let mut res = Response::new();
    /// let _ = res.content_type("txt").send("hello");
    /// assert_eq!(res.header("content-type"), Some("text/plain; charset=utf-8"));
    /// ```
    ///
    /// # Errors
    /// If a status or a header that was set is not one that HTTP allows.
    #[inline]
    pub fn send<B: Sendable>(&mut self, body: B) -> Result {
        self.begin()?;
        match self.headers.entry(header::CONTENT_TYPE) {
            header::Entry::Vacant(entry) => {
                entry.insert(B::CONTENT_TYPE);
            }
            header::Entry::Occupied(mut entry) if B::IS_TEXT => content_type::complete(entry.get_mut()),
            header::Entry::Occupied(_) => {}
        }
        Ok(self.deliver(body.into()))
    }

    /// Answers with a value as JSON, as `application/json; charset=utf-8` unless a `Content-Type` was set, which
    /// stays as it is.
    ///
    /// In all else it is as [`send`](Response::send).
    ///
    /// ```
    /// # use connect::Response;
    /// let mut res = Response::new();
    /// let _ = res.json([1, 2]);
    /// assert_eq!(res.body().as_bytes().unwrap(), "[1,2]");
    /// ```
    ///
    /// # Errors
    /// If the value cannot be serialised, and as for [`send`](Response::send).
    pub fn json(&mut self, value: impl Serialize) -> Result {
        let body = serde_json::to_vec(&value)?;
        self.begin()?;
        if let header::Entry::Vacant(entry) = self.headers.entry(header::CONTENT_TYPE) {
            entry.insert(HeaderValue::from_static("application/json; charset=utf-8"));
        }
        Ok(self.deliver(body.into()))
    }

    /// Answers with HTML: `text/html; charset=utf-8`, whatever `Content-Type` was set.
    ///
    /// The text is sent as it is. What comes from elsewhere has to be escaped in it.
    ///
    /// ```
    /// # use connect::Response;
    /// let mut res = Response::new();
    /// let _ = res.html("<h1>hello</h1>");
    /// assert_eq!(res.header("content-type"), Some("text/html; charset=utf-8"));
    /// ```
    ///
    /// # Errors
    /// As for [`send`](Response::send).
    pub fn html(&mut self, html: impl Sendable) -> Result {
        self.send_as(HeaderValue::from_static("text/html; charset=utf-8"), html.into())
    }

    /// Answers with plain text: `text/plain; charset=utf-8`, whatever `Content-Type` was set.
    ///
    /// ```
    /// # use connect::Response;
    /// let mut res = Response::new();
    /// let _ = res.text("1 < 2");
    /// assert_eq!(res.header("content-type"), Some("text/plain; charset=utf-8"));
    /// ```
    ///
    /// # Errors
    /// As for [`send`](Response::send).
    pub fn text(&mut self, text: impl Sendable) -> Result {
        self.send_as(HeaderValue::from_static("text/plain; charset=utf-8"), text.into())
    }

    /// Answers with a status and its standard text, as `text/plain; charset=utf-8`; a status without a text is sent
    /// as its number (Express, row 194).
    ///
    /// ```
    /// # use connect::Response;
    /// let mut res = Response::new();
    /// let _ = res.send_status(401);
    /// assert_eq!(res.body().as_bytes().unwrap(), "Unauthorized");
    /// ```
    ///
    /// # Errors
    /// If the number is not a status, and as for [`send`](Response::send).
    pub fn send_status(&mut self, status: impl IntoStatus) -> Result {
        self.status(status);
        let text = status::text(self.status);
        self.text(text.into_owned())
    }

    /// Answers with a body as it is, or with none: `res.status(204).end("")`. No `Content-Type` is set, and no `ETag`
    /// is made.
    ///
    /// ```
    /// # use connect::Response;
    /// let mut res = Response::new();
    /// let _ = res.status(204).end("");
    /// assert!(res.is_finished());
    /// ```
    ///
    /// # Errors
    /// As for [`send`](Response::send).
    #[inline]
    pub fn end(&mut self, body: impl Into<Body>) -> Result {
        self.begin()?;
        Ok(self.finish(body.into()))
    }

    /// Answers with the items of a stream, as they come.
    ///
    /// The stream is polled as fast as the client reads, and dropped when the client leaves. An error in it
    /// closes the connection: it is too late for another answer.
    ///
    /// # Errors
    /// As for [`send`](Response::send).
    pub fn stream<S, D, E>(&mut self, stream: S) -> Result
    where
        S: Stream<Item = Result<D, E>> + Send + 'static,
        D: Into<Bytes> + 'static,
        E: Into<BoxError> + 'static,
    {
        self.end(Body::stream(stream))
    }

    /// Whether the response is answered.
    #[must_use]
    #[inline]
    pub fn is_finished(&self) -> bool {
        self.finished
    }

    /// The body of the answer.
    #[must_use]
    pub fn body(&self) -> &Body {
        &self.body
    }

    /// Takes the body, to wrap or measure it, and leaves an empty one; put another in its place with
    /// [`set_body`](Response::set_body).
    #[must_use]
    pub fn take_body(&mut self) -> Body {
        self.late.redirect = false;
        std::mem::take(&mut self.body)
    }

    /// Exchanges the body of an answer, as a compressing middleware does, and leaves the headers to the caller
    /// but for `Content-Length`, which follows the body.
    pub fn set_body(&mut self, body: impl Into<Body>) -> &mut Self {
        self.late.redirect = false;
        self.body = body.into();
        self.headers.remove(header::CONTENT_LENGTH);
        self
    }

    /// The beginning of every act: an earlier answer goes, and what was wrong comes out.
    #[inline]
    pub(crate) fn begin(&mut self) -> Result<()> {
        if self.finished {
            self.forget_body();
        }
        if let Some(fault) = self.fault.take() {
            return Err(fault);
        }
        if self.status.is_informational() {
            return Err(Error::msg(format!("{} is not the status of an answer", self.status)));
        }
        Ok(())
    }

    #[inline]
    pub(crate) fn finish(&mut self, body: Body) -> Done {
        self.body = body;
        self.finished = true;
        Done::answered(Outcome::Layer)
    }

    /// The end of the acts that send something finished.
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

    pub(super) fn send_as(&mut self, content_type: HeaderValue, body: Body) -> Result {
        self.begin()?;
        self.headers.insert(header::CONTENT_TYPE, content_type);
        Ok(self.deliver(body))
    }

    /// Drops the body and the headers that describe it.
    pub(crate) fn forget_body(&mut self) {
        self.body = Body::empty();
        self.late = Late { no_etag: self.late.no_etag, ..Late::default() };
        for name in ABOUT_THE_BODY {
            self.headers.remove(name);
        }
    }

    /// Makes room for what an error handler answers, when the layer that failed had answered already. The
    /// status goes too: it was that of the answer.
    pub(crate) fn forget_answer(&mut self) {
        self.fault = None;
        if self.finished {
            self.forget_body();
            self.status = StatusCode::OK;
            self.finished = false;
        }
    }

    /// Whether something was set that HTTP does not allow.
    #[inline]
    pub(crate) fn has_fault(&self) -> bool {
        self.fault.is_some()
    }

    /// What it was. The answer goes with it.
    #[cold]
    pub(crate) fn take_fault(&mut self) -> Error {
        let fault = self.fault.take();
        self.forget_answer();
        fault.unwrap_or_else(|| Error::msg("the response has no fault"))
    }

    /// What the final handler answers, with a page in place of whatever stood there.
    pub(crate) fn finish_with_page(&mut self, status: StatusCode, page: String) {
        self.fault = None;
        self.status = status;
        self.late = Late::default();
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
    fn a_second_answer_replaces_the_first_and_what_described_it() {
        let mut res = Response::new();
        let _ = res.set("etag", "\"1\"").set("x-kept", "1").json([1, 2]);
        let _ = res.send("text");
        assert_eq!(res.header("content-type"), Some("text/html; charset=utf-8"));
        assert_eq!((res.header("etag"), res.header("x-kept")), (None, Some("1")));
    }

    #[test]
    fn a_type_that_was_set_is_kept_and_a_text_says_its_charset() {
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
