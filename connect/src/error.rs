//! The error type of the error track.

mod boxed;
mod convert;
mod first;
mod handling;
mod origin;
mod panic;
mod print;

use std::borrow::Cow;
use std::error::Error as StdError;
use std::panic::Location;

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

pub(crate) use self::boxed::BoxError;
pub use self::convert::{FromError, IntoError, ResultExt};
use self::first::Handling;
pub use self::origin::Origin;
pub use self::panic::Panic;
pub(crate) use self::print::chain;
use crate::ParamError;
use crate::status::{self, IntoStatus};

/// An error on the error track: a cause or a message, a status, and headers for the response.
///
/// Any error of the standard kind becomes one through `?`, with status 500; [`ResultExt::status`] gives it
/// another. Like `anyhow::Error` it does not implement [`std::error::Error`] itself, which is what makes that
/// conversion possible. A `main` that returns [`connect::Result<()>`](crate::Result) takes any error, and prints it with its
/// causes, one line each.
///
/// The message is for logs and for the page that the final handler shows during development. In production a client
/// sees only the standard text of the status, unless an error handler sends [`public_message`](Error::public_message).
/// That is the message if it is exposed, by default for statuses from 400 to 499; [`expose`](Error::expose) changes it.
///
///
/// An error handler that fails with an error of its own does not hide the one that it was given: the final handler logs
/// both, and so does `{err:?}` in a handler below. Clients see the new one. A handler that takes a cause, `err:
/// io::Error`, and passes it on with `next.fail(err)` has not failed: the error keeps its status, message and headers.
///
/// ```
/// use connect::Error;
///
/// let err = Error::new(429, "slow down").with_header("retry-after", "5");
/// assert_eq!(err.status(), 429);
/// assert_eq!(err.public_message(), "slow down");
///
/// let err = Error::from(std::io::Error::other("disk full"));
/// assert_eq!(err.status(), 500);
/// assert_eq!(err.to_string(), "disk full");
/// assert_eq!(err.public_message(), "Internal Server Error");
/// ```
// Boxed: each layer's `Result` has space for one, and most hold none.
pub struct Error(Box<Inner>);

struct Inner {
    /// Always 400 to 599: as in Express, other numbers are no status for an error.
    status: Option<StatusCode>,
    /// Whether the status was not set, but is that of the cause's type.
    is_status_of_cause: bool,
    message: Option<Cow<'static, str>>,
    expose: Option<bool>,
    headers: HeaderMap,
    source: Option<BoxError>,
    /// Where it was made: nothing for a panic.
    made_at: Option<&'static Location<'static>>,
    origin: Option<Origin>,
    /// Whether it is being passed to the handlers around a route: a layer that drops it loses it.
    on_its_way: bool,
    handling: Handling,
}

// Implemented here and not for `Done`, where it would add drop glue to each layer that runs the rest.
impl Drop for Inner {
    fn drop(&mut self) {
        if self.on_its_way {
            log_dropped(self);
        }
        if self.is_handled() {
            self.leave();
        }
    }
}

#[cold]
fn log_dropped(inner: &mut Inner) {
    let err = Error::make(inner.message.take(), inner.source.take());
    let err = inner.status.into_iter().fold(err, Error::with_status);
    tracing::error!("a layer of a route's own stack dropped an error: {err:?}");
}

impl Error {
    #[track_caller]
    fn make(message: Option<Cow<'static, str>>, source: Option<BoxError>) -> Self {
        let made_at = Some(Location::caller());
        let headers = HeaderMap::new();
        let handling = Handling::default();
        Error(Box::new(Inner {
            status: None,
            is_status_of_cause: false,
            message,
            expose: None,
            headers,
            source,
            made_at,
            origin: None,
            on_its_way: false,
            handling,
        }))
    }

    /// Sets whether it is lost if it is dropped, and then has to be logged.
    pub(crate) fn on_its_way(mut self, is: bool) -> Self {
        self.0.on_its_way = is;
        self
    }

    /// Makes an error with a status and a message.
    ///
    /// A number outside of 400 to 599 is ignored, and the status is 500.
    #[track_caller]
    pub fn new(status: impl IntoStatus, message: impl Into<Cow<'static, str>>) -> Self {
        Self::msg(message).with_status(status)
    }

    /// Makes an error with a message and without a status of its own, which is answered with 500.
    #[track_caller]
    pub fn msg(message: impl Into<Cow<'static, str>>) -> Self {
        Self::make(Some(message.into()), None)
    }

    /// Sets the status. A number outside of 400 to 599 is ignored.
    #[must_use]
    pub fn with_status(mut self, status: impl IntoStatus) -> Self {
        let status = status.into_status().ok();
        if let Some(status) = status.filter(|s| s.is_client_error() || s.is_server_error()) {
            self.0.status = Some(status);
            self.0.is_status_of_cause = false;
        }
        self
    }

    /// Sets a message, in front of the cause's.
    #[must_use]
    pub fn with_message(mut self, message: impl Into<Cow<'static, str>>) -> Self {
        self.0.message = Some(message.into());
        self
    }

    /// Sets the cause.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// Adds a header to the response to the error, such as `Retry-After` for a 429.
    ///
    /// The final handler sets it, and so does an error handler with [`res.error(&err)`](crate::Response::error);
    /// `res.status(err.status())` alone loses it. It counts only for an error that has a status of its own (Express, row 71). A
    /// name or value that HTTP does not allow is left out.
    #[must_use]
    pub fn with_header<N, V>(mut self, name: N, value: V) -> Self
    where
        N: TryInto<HeaderName>,
        V: TryInto<HeaderValue>,
    {
        if let (Ok(name), Ok(value)) = (name.try_into(), value.try_into()) {
            self.0.headers.append(name, value);
        }
        self
    }

    /// Sets whether clients may see the message.
    #[must_use]
    pub fn expose(mut self, expose: bool) -> Self {
        self.0.expose = Some(expose);
        self
    }

    /// The status to answer with: the error's own, otherwise 500. [`res.error(&err)`](crate::Response::error) sets it.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.0.status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// The error's own status, if it has one.
    #[must_use]
    pub fn own_status(&self) -> Option<StatusCode> {
        self.0.status
    }

    /// The headers to answer with, as [`res.error(&err)`](crate::Response::error) does.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.0.headers
    }

    /// Returns whether clients may see the message.
    #[must_use]
    pub fn is_exposed(&self) -> bool {
        self.0.expose.unwrap_or_else(|| self.status().is_client_error())
    }

    /// The text that clients may see: the message if it is [exposed](Error::is_exposed), otherwise the standard text of
    /// the status.
    #[must_use]
    pub fn public_message(&self) -> String {
        if self.is_exposed() { self.to_string() } else { status::phrase(self.status()).to_owned() }
    }

    /// The cause.
    #[must_use]
    pub fn source(&self) -> Option<&(dyn StdError + Send + Sync + 'static)> {
        self.0.source.as_deref()
    }

    /// The layer in which the error occurred, with the place in the source: for logs, and for a page during development.
    ///
    /// `None` for an error that has not left a layer yet, and for one that is of no layer, as of a malformed path. An error handler
    /// that hands its error on with [`next.fail(err)`](crate::Next::fail) keeps it; one that fails with an error of its own is the
    /// origin of that one.
    ///
    /// ```
    /// use connect::{app, error_handler, get, Error, Next, Result};
    ///
    /// #[get("/notes")]
    /// fn notes() -> Result<String> {
    ///     Ok(std::fs::read_to_string("no/such/file")?)
    /// }
    ///
    /// #[error_handler]
    /// fn log(err: Error, next: Next) -> Result {
    ///     if let Some(origin) = err.origin() {
    ///         // notes (src/main.rs:5): No such file or directory (os error 2)
    ///         eprintln!("{origin}: {err}");
    ///     }
    ///     next.fail(err)
    /// }
    ///
    /// let app = app![notes, log];
    /// ```
    #[must_use]
    pub fn origin(&self) -> Option<&Origin> {
        self.0.origin.as_ref()
    }

    /// The error has left a layer. The first one counts.
    pub(crate) fn or_origin(mut self, origin: impl FnOnce() -> Option<Origin>) -> Self {
        if self.0.origin.is_none() {
            self.0.origin = origin().map(|origin| origin.made_at(self.0.made_at));
        }
        self
    }

    /// Returns whether the cause is an `E`.
    #[must_use]
    pub fn is<E: StdError + 'static>(&self) -> bool {
        self.downcast_ref::<E>().is_some()
    }

    /// The cause, if it is an `E`. For a [`ParamError`] it is also the error of the [`FromParam`](crate::FromParam).
    #[must_use]
    pub fn downcast_ref<E: StdError + 'static>(&self) -> Option<&E> {
        let source = self.0.source.as_deref()?;
        source.downcast_ref().or_else(|| source.downcast_ref::<ParamError>()?.own_reason()?.downcast_ref())
    }

    /// Takes the cause out, if it is an `E`.
    ///
    /// # Errors
    /// The unchanged error, if its cause is of another type.
    pub fn downcast<E: StdError + 'static>(mut self) -> Result<E, Error> {
        match self.0.source.take().map(|source| source.downcast::<E>()) {
            Some(Ok(cause)) => {
                self.0.leave_text(&*cause);
                Ok(*cause)
            }
            Some(Err(mut source)) => {
                let param = source.downcast_mut::<ParamError>().filter(|param| param.own_reason().is_some());
                let reason = param.and_then(ParamError::take_reason::<E>);
                self.0.source = Some(source);
                let Some(reason) = reason else { return Err(self) };
                self.0.leave_text(&*reason);
                Ok(*reason)
            }
            None => Err(self),
        }
    }
}

/// The errors that can be the cause of an [`Error`]: every `std::error::Error` and, with the feature `anyhow`,
/// `anyhow::Error`.
// The error is the trait's parameter, because rustc would not print the message for a bound on the error type itself,
// below `Into`.
#[doc(hidden)]
#[derive(Debug)]
pub struct Causes;

/// See [`Causes`].
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{E}` is not an error",
    label = "not an error: for a text or a status write `Error::new(404, \"..\")`, `Error::msg(\"..\")` or `bail!(404, \"..\")`; a type \
             of your own implements `std::error::Error`"
)]
pub trait Include<E> {
    #[doc(hidden)]
    fn into_box(err: E) -> Box<dyn StdError + Send + Sync>;
}

#[cfg(not(feature = "anyhow"))]
#[diagnostic::do_not_recommend]
impl<E: StdError + Send + Sync + 'static> Include<E> for Causes {
    fn into_box(err: E) -> BoxError {
        Box::new(err)
    }
}

// The same types and `anyhow::Error`. Two implementations would overlap.
#[cfg(feature = "anyhow")]
#[diagnostic::do_not_recommend]
impl<E: Into<anyhow::Error>> Include<E> for Causes {
    fn into_box(err: E) -> BoxError {
        // Without its backtrace: otherwise handlers could not downcast it.
        err.into().reallocate_into_boxed_dyn_error_without_backtrace()
    }
}

#[cfg(test)]
mod tests {
    use super::{Error, Panic, ResultExt};

    #[test]
    fn a_status_outside_of_400_to_599_is_ignored() {
        for status in [50, 201, 399, 600, 601] {
            assert_eq!(Error::new(status, "x").own_status(), None, "{status}");
        }
        assert_eq!(Error::new(50, "x").with_status(410).status(), 410);
        assert_eq!(Error::new(404, "x").with_status(201).status(), 404);
    }

    #[test]
    fn by_default_the_message_is_public_for_client_errors_only() {
        assert_eq!(Error::new(404, "no user 7").public_message(), "no user 7");
        assert_eq!(Error::new(503, "db-3 is down").public_message(), "Service Unavailable");
        assert_eq!(Error::new(503, "back at 9").expose(true).public_message(), "back at 9");
        assert_eq!(Error::new(404, "secret").expose(false).public_message(), "Not Found");
    }

    #[test]
    fn a_cause_of_another_type_stays_where_it_was() {
        let err = Err::<(), _>(std::io::Error::other("disk full")).status(507).unwrap_err();
        let err = err.downcast::<std::fmt::Error>().unwrap_err();
        assert!(err.is::<std::io::Error>());
        assert_eq!(err.status(), 507);
        assert_eq!(err.downcast::<std::io::Error>().unwrap().to_string(), "disk full");
    }

    #[test]
    fn debug_prints_the_chain_of_causes() {
        let err = Error::msg("cannot save").with_source(std::io::Error::other("disk full"));
        assert_eq!(format!("{err:?}"), "cannot save\n  caused by: disk full");
    }

    #[test]
    fn a_panic_keeps_its_text() {
        assert_eq!(Panic::new(Box::new("ouch")).to_string(), "a layer panicked: ouch");
        assert_eq!(Panic::new(Box::new(7)).message(), None);
    }
}
