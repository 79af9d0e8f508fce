//! The response, as the layers build it.

mod answer;
mod attachment;
mod content_type;
mod error;
mod file;
mod format;
#[cfg(feature = "tower")]
mod handed;
mod headers;
mod merge;
mod on_finish;
#[cfg(test)]
mod properties;
mod redirect;
mod sendable;
mod undo;
mod wire;

use std::sync::Arc;

use bytes::Bytes;
use futures_core::Stream;
use http::StatusCode;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use serde::Serialize;

pub(crate) use self::content_type::type_of_extension;
pub use self::format::Format;
use self::headers::Headers;
pub use self::sendable::Sendable;
pub(crate) use self::undo::Undo;
use crate::connection::Connection;
use crate::error::BoxError;
use crate::finish::Waiting;
use crate::status::{self, IntoStatus};
use crate::{Body, Error, Result};

/// A response: a status, headers and a body, which stay open to change until the whole stack has returned.
///
/// The methods that set something return the response, those that answer return the [`Done`](crate::Done) that a
/// layer ends with:
///
/// | answer | with |
/// |---|---|
/// | [`text`](Response::text), [`html`](Response::html), [`json`](Response::json) | text, HTML, a value as JSON |
/// | [`send`](Response::send) | text, as HTML by default, or bytes |
/// | [`send_status`](Response::send_status) | a status and its standard text |
/// | [`redirect`](Response::redirect) | another place |
/// | [`format`](Response::format) | what the client likes best |
/// | [`send_file`](Response::send_file), [`download`](Response::download) | a file |
/// | [`stream`](Response::stream), [`end`](Response::end) | a body as it is |
///
///
/// ```
/// use connect::{middleware, Request, Response, Result};
///
/// #[middleware]
/// fn teapot(_req: &mut Request, res: &mut Response) -> Result {
///     res.status(418).set("x-handle", "left").text("short and stout")
/// }
/// ```
///
/// After [`next.run`](crate::Next::run) a layer finds the finished answer here and may change it.
#[derive(Debug, Default)]
pub struct Response {
    status: StatusCode,
    headers: Headers,
    body: Body,
    finished: bool,
    late: Late,
    /// What was wrong with a status or a header, until an act reports it.
    fault: Option<Error>,
    /// What is called when the answer is over. In a box, so that no other response carries its size.
    waiting: Option<Box<Waiting>>,
}

/// What is settled when the answer goes on the wire: only there the request is at hand, and nothing changes any more.
#[derive(Debug, Default, Clone, Copy)]
struct Late {
    /// The answer is one that may have an `ETag`, and be a 304.
    validate: bool,
    /// No `ETag` is to be made.
    no_etag: bool,
    /// The body is that of a redirect, whose form is the client's to choose.
    redirect: bool,
}

/// The head.
impl Response {
    /// A response with status 200 and nothing else.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The connection of HTTP/1 that it goes out by, for [`on_finish`](Response::on_finish).
    pub(crate) fn goes_by(&mut self, connection: &Arc<Connection>) {
        if let Some(waiting) = &mut self.waiting {
            waiting.goes_by(connection);
        }
    }

    pub(crate) fn waiting_mut(&mut self) -> &mut Waiting {
        self.waiting.get_or_insert_default()
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
        self.headers.all_mut()
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
        match header_of(name, value) {
            Ok((name, value)) => {
                self.headers.insert(name, value);
            }
            Err(err) => return self.fault(err),
        }
        self
    }

    /// Adds a header beside those of the same name, as for `Set-Cookie`.
    #[inline]
    pub fn append<N, V>(&mut self, name: N, value: V) -> &mut Self
    where
        N: TryInto<HeaderName, Error: Into<http::Error>>,
        V: TryInto<HeaderValue, Error: Into<http::Error>>,
    {
        match header_of(name, value) {
            Ok((name, value)) => {
                self.headers.append(name, value);
            }
            Err(err) => return self.fault(err),
        }
        self
    }

    /// Removes all headers of a name.
    pub fn remove(&mut self, name: &str) -> &mut Self {
        self.headers.remove(name);
        self
    }

    /// Sets a header, if there is none of its name.
    pub(crate) fn set_default(&mut self, name: HeaderName, value: HeaderValue) {
        self.headers.entry(name).or_insert(value);
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
    pub(crate) fn fault(&mut self, err: Error) -> &mut Self {
        // The first fault is the one to report: later ones may follow from it.
        self.fault.get_or_insert(err);
        self
    }
}

/// A header, from what the caller has.
#[inline]
fn header_of<N, V>(name: N, value: V) -> Result<(HeaderName, HeaderValue)>
where
    N: TryInto<HeaderName, Error: Into<http::Error>>,
    V: TryInto<HeaderValue, Error: Into<http::Error>>,
{
    let name = name.try_into().map_err(|err| wrong_name(err.into()))?;
    match value.try_into() {
        Ok(value) => Ok((name, value)),
        Err(err) => Err(wrong_value(&name, err.into())),
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

// They stand beside the type: elsewhere the compiler's messages would name the module of the `impl`.
/// The acts that answer.
impl Response {
    /// Answers with text or bytes.
    ///
    /// Text is sent as `text/html; charset=utf-8`, as in Express, bytes as `application/octet-stream`, unless a
    /// `Content-Type` was set; to that of a text `charset=utf-8` is added, which is what a text is in (Express, row
    /// 192). With the status 204, 205 or 304 there is no body, whatever is sent (row 193). Sent after an earlier
    /// answer, it replaces that one.
    ///
    /// For text that is not HTML there is [`text`](Response::text): what a client sent would be markup here, unless it is
    /// escaped. A text that a route returns is plain text as well.
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
        self.send_with_default(B::CONTENT_TYPE, B::IS_TEXT, body.into())
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
    /// The stream is polled as fast as the client reads. It is dropped when the server notices that the client has disconnected: at
    /// once if the connection is reset or the client of HTTP/2 resets the stream, otherwise with a write that fails or after the
    /// [`half_close_timeout`](crate::Server::half_close_timeout). For
    /// events without an end see [`events`](Response::events). An error in it closes the connection: it is too late for another
    /// answer.
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
}

#[cfg(test)]
mod tests {
    use super::Response;

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
}
