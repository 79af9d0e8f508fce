//! The response that the layers build.

mod answer;
mod attachment;
mod before_head;
mod content_type;
mod encode;
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
use sync_wrapper::SyncWrapper;

pub(crate) use self::content_type::type_of_extension;
pub use self::format::Format;
use self::headers::Headers;
pub use self::sendable::Sendable;
pub(crate) use self::undo::Undo;
pub(crate) use self::wire::head_only;
use crate::chain::erased::Erased;
use crate::connection::Connection;
use crate::error::BoxError;
use crate::finish::Waiting;
use crate::status::{self, IntoStatus};
use crate::{Body, Error, Result};

/// A response: a status, headers and a body, which layers can change until the whole stack has returned.
///
/// Methods that set something return the response. Methods that answer return the [`Done`](crate::Done) with which a
/// layer ends:
///
/// | method | answers with |
/// |---|---|
/// | [`text`](Response::text), [`html`](Response::html), [`json`](Response::json) | text, HTML, a value as JSON |
/// | [`send`](Response::send) | text, as HTML by default, or bytes |
/// | [`send_status`](Response::send_status) | a status and its standard text |
/// | [`redirect`](Response::redirect) | a redirect to a URL |
/// | [`format`](Response::format) | the format that the client prefers |
/// | [`send_file`](Response::send_file), [`download`](Response::download) | a file |
/// | [`stream`](Response::stream), [`end`](Response::end) | a stream, or a body as it is |
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
/// After [`next.run`](crate::Next::run) a layer sees the finished response here and may change it.
#[derive(Debug, Default)]
pub struct Response {
    status: StatusCode,
    headers: Headers,
    body: Body,
    finished: bool,
    late: Late,
    /// The first invalid status or header, until a method that answers reports it.
    fault: Option<Error>,
    /// What is called before the head is sent, and when the response has ended. Boxed, so that other responses do not carry
    /// its size.
    later: Option<Box<Later>>,
}

/// What is called when the layers are done.
#[derive(Default)]
struct Later {
    /// The hooks that [`before_head`](Response::before_head) has registered and that have not run, in that order.
    hooks: Vec<Hook>,
    waiting: Option<Waiting>,
    encode: Option<Encode>,
}

/// A hook of [`before_head`](Response::before_head): a box for the function of whatever type, and one for its future.
type Hook = SyncWrapper<Box<dyn for<'a> FnOnce(&'a mut Response) -> Erased<'a, Result<()>> + Send>>;

/// The function of [`encode`](Response::encode): a box, since it is of whatever type.
type Encode = SyncWrapper<Box<dyn FnOnce(&mut Response, bool) + Send>>;

impl std::fmt::Debug for Later {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Later")
            .field("hooks", &self.hooks.len())
            .field("waiting", &self.waiting)
            .finish_non_exhaustive()
    }
}

/// What is decided when the response is sent: only then is the request at hand, and nothing changes any more.
#[derive(Debug, Default, Clone, Copy)]
struct Late {
    /// Whether the response may get an `ETag`, and become a 304.
    validate: bool,
    /// Whether no `ETag` is made.
    no_etag: bool,
    /// Whether the body is sent as it is.
    no_encoding: bool,
    /// Whether the body is that of a redirect, whose format depends on the client.
    redirect: bool,
}

/// The head.
impl Response {
    /// Makes a response with status 200, without headers and body.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the connection that sends the response, for [`on_finish`](Response::on_finish).
    pub(crate) fn goes_by(&mut self, connection: &Arc<Connection>, is_http1: bool) {
        if let Some(waiting) = self.later.as_mut().and_then(|later| later.waiting.as_mut()) {
            waiting.goes_by(connection, is_http1);
        }
    }

    fn waiting_mut(&mut self) -> &mut Waiting {
        self.later.get_or_insert_default().waiting.get_or_insert_default()
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

    /// The value of the first header of a name, if it is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Sets a header, and replaces headers of the same name.
    ///
    /// A name or value that HTTP does not allow is an error when the response is sent. For a value that never changes,
    /// a constant of type [`HeaderValue`] is fastest.
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

    /// Adds a header without replacing those of the same name, as for `Set-Cookie`.
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
        // One line, to which layers add a name each: no more is copied than is sent.
        let mut lines = self.headers.get_all(header::VARY).iter();
        match (lines.next(), lines.next()) {
            (None, _) => return self.set(header::VARY, name),
            (Some(line), None) => {
                let (line, mut is_plain) = (line.as_bytes(), name != "*");
                for listed in line.split(|&byte| byte == b',').map(<[u8]>::trim_ascii) {
                    if listed == b"*" || listed.eq_ignore_ascii_case(name.as_bytes()) {
                        return self;
                    }
                    is_plain &= !listed.is_empty();
                }
                if is_plain {
                    let mut value = Vec::with_capacity(line.len() + 2 + name.len());
                    value.extend_from_slice(line);
                    value.extend_from_slice(b", ");
                    value.extend_from_slice(name.as_bytes());
                    return self.set(header::VARY, value);
                }
            }
            _ => {}
        }
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

/// Converts the caller's name and value.
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

// In this file, because the compiler's messages name the module of the `impl`.
/// The methods that answer.
impl Response {
    /// Answers with text or bytes.
    ///
    /// Text is sent as `text/html; charset=utf-8` by default, as in Express, and bytes as `application/octet-stream`.
    /// If a `Content-Type` was set, it is kept, and for text gets `charset=utf-8`, as by Express's `res.send`. With
    /// status 204, 205 or 304 the body is dropped (RFC 9110, sections 15.3.5, 15.3.6 and 15.4.5). A second call
    /// replaces the earlier response.
    ///
    /// For text that is not HTML use [`text`](Response::text): text from a client would be markup here unless it is
    /// escaped. Text that a route returns is plain text too.
    ///
    /// The response to a GET with status 200 gets an [`ETag`](Response::etag), or becomes a 304 if the client's copy is
    /// fresh.
    ///
    /// ```
    /// # use connect::Response;
    /// let mut res = Response::new();
    /// let _ = res.content_type("txt").send("hello");
    /// assert_eq!(res.header("content-type"), Some("text/plain; charset=utf-8"));
    /// ```
    ///
    /// # Errors
    /// If a status or header was set that HTTP does not allow.
    #[inline]
    pub fn send<B: Sendable>(&mut self, body: B) -> Result {
        self.send_with_default(B::CONTENT_TYPE, B::IS_TEXT, body.into())
    }

    /// Answers with a value as JSON, as `application/json; charset=utf-8` by default. A `Content-Type` that was set is
    /// kept.
    ///
    /// Otherwise it does what [`send`](Response::send) does.
    ///
    /// ```
    /// # use connect::Response;
    /// let mut res = Response::new();
    /// let _ = res.json([1, 2]);
    /// assert_eq!(res.body().as_bytes().unwrap(), "[1,2]");
    /// ```
    ///
    /// # Errors
    /// If the value cannot be serialized, and as for [`send`](Response::send).
    pub fn json(&mut self, value: impl Serialize) -> Result {
        let body = serde_json::to_vec(&value)?;
        self.begin()?;
        if let header::Entry::Vacant(entry) = self.headers.entry(header::CONTENT_TYPE) {
            entry.insert(HeaderValue::from_static("application/json; charset=utf-8"));
        }
        Ok(self.deliver(body.into()))
    }

    /// Answers with HTML. The `Content-Type` is `text/html; charset=utf-8`, also if another was set.
    ///
    /// The text is sent as it is: escape what comes from clients.
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

    /// Answers with plain text. The `Content-Type` is `text/plain; charset=utf-8`, also if another was set.
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

    /// Answers with a status and its standard text, as `text/plain; charset=utf-8`. A status without a standard text is
    /// sent as its number, as by Express's `res.sendStatus`.
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

    /// Answers with a body as it is, or without one: `res.status(204).end("")`. It sets no `Content-Type` and makes no
    /// `ETag`.
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

    /// Answers with a stream, whose items are sent as they arrive.
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
        res.set("vary", "a,, b").vary("c");
        assert_eq!(res.header("vary"), Some("a, b, c"));
        res.set("vary", "").vary("c");
        assert_eq!(res.header("vary"), Some("c"));
    }
}
