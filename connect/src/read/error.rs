//! The errors of the readers of a body.

use std::borrow::Cow;
use std::fmt;

use http::StatusCode;

use crate::body::Stalled;
use crate::error::BoxError;

/// The error that the readers of a body fail with, as the cause of an [`Error`](crate::Error).
///
/// An error handler can take it, or find it with [`Error::downcast_ref`](crate::Error::downcast_ref). Its message says
/// what was wrong, but contains nothing that the client sent. The source, which is meant for logs, may contain that.
///
/// ```
/// use connect::{error_handler, BodyError, Next, Request, Response, Result};
///
/// #[error_handler]
/// fn on_bad_body(err: BodyError, _req: &mut Request, res: &mut Response, _next: Next) -> Result {
///     res.status(err.status()).json([err.kind().as_str()])
/// }
/// ```
#[derive(Debug)]
pub struct BodyError {
    kind: BodyErrorKind,
    message: Cow<'static, str>,
    limit: Option<u64>,
    length: Option<u64>,
    field: Option<Box<str>>,
    source: Option<BoxError>,
}

/// The kinds of a [`BodyError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BodyErrorKind {
    /// The body is malformed, for example invalid JSON: 400.
    Malformed,
    /// The body is well-formed, but its values do not fit the type that it is read into, or a field is missing: 400.
    ///
    /// axum answers this with status 422. Map the kind to another status in an error handler.
    Data,
    /// A check of the app's own refused the body: 403.
    Refused,
    /// The body is longer than the limit, encoded or decoded: 413.
    TooLarge,
    /// The body has more fields or parts than are allowed: 413.
    TooMany,
    /// The body has another type than the reader takes: 415.
    Type,
    /// The body's charset is not known: 415.
    Charset,
    /// The body's `Content-Encoding` is not known: 415.
    Encoding,
    /// The client disconnected, or sent malformed HTTP, before the end of the body: 400.
    Aborted,
    /// The client sent the body too slowly: 408. See [`App::body_timeout`](crate::App::body_timeout).
    Stalled,
    /// The body's length is not the one in `Content-Length`: 400.
    Length,
}

impl BodyErrorKind {
    /// A stable name: the value of Express's `err.type`, if Express has one.
    ///
    /// ```
    /// use connect::BodyErrorKind;
    ///
    /// assert_eq!(BodyErrorKind::TooLarge.as_str(), "entity.too.large");
    /// assert_eq!(BodyErrorKind::TooLarge.status(), 413);
    /// ```
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Malformed => "entity.parse.failed",
            Self::Data => "entity.data.invalid",
            Self::Refused => "entity.verify.failed",
            Self::TooLarge => "entity.too.large",
            Self::TooMany => "parameters.too.many",
            Self::Type => "type.unsupported",
            Self::Charset => "charset.unsupported",
            Self::Encoding => "encoding.unsupported",
            Self::Aborted => "request.aborted",
            Self::Stalled => "request.timeout",
            Self::Length => "request.size.invalid",
        }
    }

    /// The status of errors of this kind.
    #[must_use]
    pub const fn status(self) -> StatusCode {
        match self {
            Self::Malformed | Self::Data | Self::Aborted | Self::Length => StatusCode::BAD_REQUEST,
            Self::Refused => StatusCode::FORBIDDEN,
            Self::Stalled => StatusCode::REQUEST_TIMEOUT,
            Self::TooLarge | Self::TooMany => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Type | Self::Charset | Self::Encoding => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        }
    }
}

impl BodyError {
    /// The kind of the error.
    #[must_use]
    pub fn kind(&self) -> BodyErrorKind {
        self.kind
    }

    /// The status of the error: that of its kind, from 400 to 415.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.kind.status()
    }

    /// The limit that was exceeded, in bytes, fields or parts.
    #[must_use]
    pub fn limit(&self) -> Option<u64> {
        self.limit
    }

    /// The length of the body in bytes, if the client sent it in advance.
    #[must_use]
    pub fn length(&self) -> Option<u64> {
        self.length
    }

    /// The path of the field that is missing or does not fit, such as `user.age` or `tags[1]`; for JSON, a form or the query.
    ///
    /// None if the error is not about one field: the body is empty or malformed, or does not fit as a whole.
    ///
    /// ```
    /// use connect::testing::Client;
    /// use connect::{app, error_handler, post, BodyError, Json, Next, Response, Result};
    /// use serde::Deserialize;
    /// use serde_json::json;
    ///
    /// #[derive(Deserialize)]
    /// struct Booking {
    ///     seats: u8,
    /// }
    ///
    /// #[post("/bookings")]
    /// fn book(Json(booking): Json<Booking>) -> String {
    ///     booking.seats.to_string()
    /// }
    ///
    /// #[error_handler]
    /// fn on_field(err: BodyError, res: &mut Response, next: Next) -> Result {
    ///     match err.field() {
    ///         Some(field) => res.status(422).json(json!({ "fields": { field: err.to_string() } })),
    ///         None => next.fail(err),
    ///     }
    /// }
    ///
    /// # #[tokio::main] async fn main() {
    /// let client = Client::new(app![book, on_field]);
    /// let response = client.post("/bookings").json(&json!({ "seats": "two" })).send().await;
    /// let wrong = "`seats` in the body: expected a whole number from 0 to 255";
    /// response.assert_status(422).assert_json(json!({ "fields": { "seats": wrong } }));
    /// # }
    /// ```
    #[must_use]
    pub fn field(&self) -> Option<&str> {
        self.field.as_deref()
    }

    /// The field that it is about.
    pub(super) fn with_field(self, field: Option<String>) -> Self {
        BodyError { field: field.map(String::into_boxed_str), ..self }
    }

    pub(crate) fn new(kind: BodyErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        BodyError { kind, message: message.into(), limit: None, length: None, field: None, source: None }
    }

    pub(crate) fn malformed(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(BodyErrorKind::Malformed, message)
    }

    pub(crate) fn too_large(limit: u64, length: Option<u64>) -> Self {
        let err = Self::new(BodyErrorKind::TooLarge, format!("the body is longer than {limit} bytes"));
        BodyError { limit: Some(limit), length, ..err }
    }

    pub(crate) fn too_large_part(limit: u64) -> Self {
        let err =
            Self::new(BodyErrorKind::TooLarge, format!("a part of the body is longer than {limit} bytes"));
        BodyError { limit: Some(limit), ..err }
    }

    pub(crate) fn too_large_head(limit: usize) -> Self {
        let what = format!("the head of a part of the body is longer than {limit} bytes");
        let err = Self::new(BodyErrorKind::TooLarge, what);
        BodyError { limit: u64::try_from(limit).ok(), ..err }
    }

    pub(crate) fn too_many(limit: usize, what: &str) -> Self {
        let err = Self::new(BodyErrorKind::TooMany, format!("the body has more than {limit} {what}"));
        BodyError { limit: u64::try_from(limit).ok(), ..err }
    }

    /// The error of a request body that could not be read to its end, of the error that its [`http_body::Body`] returned: of the kind
    /// [`Stalled`](BodyErrorKind::Stalled) if the client was too slow, and otherwise [`Aborted`](BodyErrorKind::Aborted). For layers that
    /// read the frames of a body themselves, such as a proxy.
    ///
    /// ```
    /// use connect::{BodyError, BodyErrorKind};
    ///
    /// let err = BodyError::unreadable("connection reset".into());
    /// assert_eq!((err.kind(), err.status().as_u16()), (BodyErrorKind::Aborted, 400));
    /// ```
    #[must_use]
    pub fn unreadable(source: Box<dyn std::error::Error + Send + Sync>) -> Self {
        let err = if source.is::<Stalled>() {
            Self::new(BodyErrorKind::Stalled, "the client sent the body too slowly")
        } else {
            Self::new(BodyErrorKind::Aborted, "the body ended before its end was sent, or was malformed HTTP")
        };
        err.with_source(source)
    }

    pub(crate) fn with_source(mut self, source: impl Into<BoxError>) -> Self {
        self.source = Some(source.into());
        self
    }
}

impl fmt::Display for BodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for BodyError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}
