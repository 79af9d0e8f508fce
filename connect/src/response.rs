//! The response, as the layers build it.

use bytes::Bytes;
use futures_core::Stream;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Method, StatusCode};
use serde::Serialize;

use crate::chain::done::{Done, Outcome};
use crate::error::BoxError;
use crate::status::{self, IntoStatus};
use crate::{Body, Error, Result};

/// A response: a status, headers and a body, which stay open to change until the whole stack has returned.
///
/// The methods that set something return the response, those that answer ([`send`](Response::send),
/// [`json`](Response::json), [`end`](Response::end), [`stream`](Response::stream)) return the [`Done`] that a
/// layer ends with:
///
/// ```
/// use connect::{middleware, Request, Response, Result};
///
/// #[middleware]
/// fn teapot(_req: &mut Request, res: &mut Response) -> Result {
///     res.status(418).set("x-handle", "left").send("short and stout")
/// }
/// ```
///
/// After [`next.run`](crate::Next::run) a layer finds the finished answer here and may change it.
#[derive(Debug, Default)]
pub struct Response {
    status: StatusCode,
    headers: HeaderMap,
    body: Body,
    finished: bool,
    /// What was wrong with a status or a header, until an act reports it.
    fault: Option<Error>,
}

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
}

macro_rules! sendable {
    ($($content_type:literal: $($ty:ty),*;)*) => { $($(
        impl Sendable for $ty {
            const CONTENT_TYPE: HeaderValue = HeaderValue::from_static($content_type);
        }
    )*)* };
}
sendable! {
    "text/html; charset=utf-8": &'static str, String;
    "application/octet-stream": Bytes, Vec<u8>, &'static [u8];
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

/// The head.
impl Response {
    /// A response with status 200 and nothing else.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the status.
    ///
    /// A number that is not a status is an error when the response is sent.
    #[inline]
    pub fn status(&mut self, status: impl IntoStatus) -> &mut Self {
        match status.into_status() {
            Ok(status) => self.status = status,
            Err(err) => return self.fault(err.into()),
        }
        self
    }

    /// The status.
    #[must_use]
    pub fn status_code(&self) -> StatusCode {
        self.status
    }

    /// The headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The headers, to change them.
    pub fn headers_mut(&mut self) -> &mut HeaderMap {
        &mut self.headers
    }

    /// A header as text: the first one of that name, if there is one and it is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Sets a header, in place of those of the same name.
    ///
    /// A name or value that HTTP does not allow is an error when the response is sent. A value that stays the
    /// same is cheapest as a constant of type [`HeaderValue`].
    #[inline]
    pub fn set<N, V>(&mut self, name: N, value: V) -> &mut Self
    where
        N: TryInto<HeaderName, Error: Into<http::Error>>,
        V: TryInto<HeaderValue, Error: Into<http::Error>>,
    {
        let name = match name.try_into() {
            Ok(name) => name,
            Err(err) => return self.fault(wrong_name(err.into())),
        };
        match value.try_into() {
            Ok(value) => self.headers.insert(name, value),
            Err(err) => return self.fault(wrong_value(&name, err.into())),
        };
        self
    }

    /// Adds a header beside those of the same name, as for `Set-Cookie`.
    #[inline]
    pub fn append<N, V>(&mut self, name: N, value: V) -> &mut Self
    where
        N: TryInto<HeaderName, Error: Into<http::Error>>,
        V: TryInto<HeaderValue, Error: Into<http::Error>>,
    {
        let name = match name.try_into() {
            Ok(name) => name,
            Err(err) => return self.fault(wrong_name(err.into())),
        };
        match value.try_into() {
            Ok(value) => self.headers.append(name, value),
            Err(err) => return self.fault(wrong_value(&name, err.into())),
        };
        self
    }

    /// Removes all headers of a name.
    pub fn remove(&mut self, name: &str) -> &mut Self {
        self.headers.remove(name);
        self
    }

    /// Adds a request header's name to `Vary`, unless it is there or `Vary` is `*` (RFC 9110, section 12.5.5).
    pub fn vary(&mut self, name: &str) -> &mut Self {
        let mut names: Vec<&[u8]> = Vec::new();
        for value in self.headers.get_all(header::VARY) {
            names.extend(value.as_bytes().split(|&byte| byte == b',').map(<[u8]>::trim_ascii));
        }
        if names.iter().any(|listed| *listed == b"*" || listed.eq_ignore_ascii_case(name.as_bytes())) {
            return self;
        }
        if name == "*" {
            return self.set(header::VARY, "*");
        }
        names.retain(|listed| !listed.is_empty());
        names.push(name.as_bytes());
        let value = names.join(&b", "[..]);
        self.set(header::VARY, value)
    }

    #[cold]
    fn fault(&mut self, err: Error) -> &mut Self {
        // The first fault is the one to report: later ones may follow from it.
        self.fault.get_or_insert(err);
        self
    }
}

#[cold]
fn wrong_name(err: http::Error) -> Error {
    Error::msg("a response header has a name that HTTP does not allow").with_source(err)
}

#[cold]
fn wrong_value(name: &HeaderName, err: http::Error) -> Error {
    Error::msg(format!("the response header `{name}` has a value that HTTP does not allow")).with_source(err)
}

/// The answer.
impl Response {
    /// Answers with text or bytes.
    ///
    /// Text is sent as `text/html; charset=utf-8`, bytes as `application/octet-stream`, unless a
    /// `Content-Type` was set. Sent after an earlier answer, it replaces that one.
    ///
    /// # Errors
    /// If a status or a header that was set is not one that HTTP allows.
    #[inline]
    pub fn send<B: Sendable>(&mut self, body: B) -> Result {
        self.answer(body.into(), Some(B::CONTENT_TYPE))
    }

    /// Answers with a value as JSON, as `application/json; charset=utf-8` unless a `Content-Type` was set.
    ///
    /// # Errors
    /// If the value cannot be serialised, and as for [`send`](Response::send).
    pub fn json(&mut self, value: impl Serialize) -> Result {
        let body = serde_json::to_vec(&value)?;
        self.answer(body.into(), Some(HeaderValue::from_static("application/json; charset=utf-8")))
    }

    /// Answers with a body as it is, or with none: `res.status(204).end("")`. No `Content-Type` is set.
    ///
    /// # Errors
    /// As for [`send`](Response::send).
    #[inline]
    pub fn end(&mut self, body: impl Into<Body>) -> Result {
        self.answer(body.into(), None)
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
        self.answer(Body::stream(stream), None)
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
        std::mem::take(&mut self.body)
    }

    /// Exchanges the body of an answer, as a compressing middleware does, and leaves the headers to the caller
    /// but for `Content-Length`, which follows the body.
    pub fn set_body(&mut self, body: impl Into<Body>) -> &mut Self {
        self.body = body.into();
        self.headers.remove(header::CONTENT_LENGTH);
        self
    }

    #[inline]
    fn answer(&mut self, body: Body, content_type: Option<HeaderValue>) -> Result {
        if self.finished {
            self.forget_body();
        }
        if let Some(fault) = self.fault.take() {
            return Err(fault);
        }
        if self.status.is_informational() {
            return Err(Error::msg(format!("{} is not the status of an answer", self.status)));
        }
        if let (Some(content_type), header::Entry::Vacant(entry)) =
            (content_type, self.headers.entry(header::CONTENT_TYPE))
        {
            entry.insert(content_type);
        }
        self.body = body;
        self.finished = true;
        Ok(Done::answered(Outcome::Layer))
    }

    /// Drops the body and the headers that describe it.
    pub(crate) fn forget_body(&mut self) {
        self.body = Body::empty();
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
        self.body = page.into();
        self.finished = true;
    }

    /// How the body is framed is hyper's to say: from the length, where there is one, or else in chunks. A length
    /// of the layers' own counts for a body of unknown length, and for the body that a GET would have had; it has
    /// to be one.
    #[cold]
    fn settle_framing(&mut self, method: &Method) {
        use http_body::Body as _;
        self.headers.remove(header::TRANSFER_ENCODING);
        let exact = self.body.size_hint().exact();
        let told = exact.is_none() || (*method == Method::HEAD && exact == Some(0));
        if !told || !self.has_valid_length() {
            self.headers.remove(header::CONTENT_LENGTH);
        }
    }

    fn has_valid_length(&self) -> bool {
        let mut lengths = self.headers.get_all(header::CONTENT_LENGTH).iter();
        let valid = |value: &HeaderValue| value.to_str().is_ok_and(|text| text.parse::<u64>().is_ok());
        lengths.next().is_some_and(valid) && lengths.next().is_none()
    }

    /// The response for the wire.
    pub(crate) fn into_http(mut self, method: &Method) -> http::Response<Body> {
        let framed =
            |name: &HeaderName| *name == header::CONTENT_LENGTH || *name == header::TRANSFER_ENCODING;
        if self.headers.keys().any(framed) {
            self.settle_framing(method);
        }
        let mut response = http::Response::new(self.body);
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        if let Some(phrase) = status::phrase_to_set(self.status) {
            response.extensions_mut().insert(hyper::ext::ReasonPhrase::from_static(phrase.as_bytes()));
        }
        response
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
    }

    #[test]
    fn vary_lists_each_name_once() {
        let mut res = Response::new();
        res.vary("accept").vary("Accept").vary("Origin");
        assert_eq!(res.header("vary"), Some("accept, Origin"));
        res.append("vary", "x-a, x-b").vary("X-B").vary("x-c");
        assert_eq!(res.header("vary"), Some("accept, Origin, x-a, x-b, x-c"));
        assert_eq!(Response::new().vary("a").vary("*").header("vary"), Some("*"));
        res.set("vary", "*").vary("accept");
        assert_eq!(res.header("vary"), Some("*"));
    }

    #[test]
    fn a_second_answer_replaces_the_first_and_what_described_it() {
        let mut res = Response::new();
        let _ = res.set("etag", "\"1\"").set("x-kept", "1").json([1, 2]);
        let _ = res.send("text");
        assert_eq!(res.header("content-type"), Some("text/html; charset=utf-8"));
        assert_eq!((res.header("etag"), res.header("x-kept")), (None, Some("1")));
    }
}
