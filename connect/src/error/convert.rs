//! What becomes an [`Error`], and what an error handler gets of one.

use std::error::Error as StdError;
use std::fmt;

use http::StatusCode;

use super::{BoxError, Causes, Error, Include};
use crate::status::IntoStatus;
use crate::{BodyError, BodyErrorKind, ParamError};

impl<E> From<E> for Error
where
    Causes: Include<E>,
{
    #[track_caller]
    fn from(err: E) -> Self {
        Error::from_boxed(Causes::into_box(err))
    }
}

/// `.status(404)?` on an `Option`, and on any result whose error can become an [`Error`].
pub trait ResultExt<T> {
    /// Converts the error into an [`Error`] with this status. The cause stays available to
    /// [`downcast`](Error::downcast) and to error handlers of its type.
    ///
    /// ```
    /// use connect::{middleware, Request, Response, Result, ResultExt};
    ///
    /// #[middleware]
    /// async fn read_file(req: &mut Request, res: &mut Response) -> Result {
    ///     let text = std::fs::read_to_string("notes.txt").status(404)?;
    ///     res.text(text)
    /// }
    /// ```
    ///
    /// For an `Option`, `None` is an error with the standard text of the status:
    ///
    /// ```
    /// use connect::{get, Result, ResultExt};
    ///
    /// #[get("/colors/:name")]
    /// fn color(name: &str) -> Result<&'static str> {
    ///     let colors = [("red", "#f00"), ("green", "#0f0")];
    ///     let (_, code) = colors.iter().find(|(known, _)| *known == name).status(404)?;
    ///     Ok(code)
    /// }
    /// ```
    ///
    /// # Errors
    /// The converted error.
    #[track_caller]
    fn status(self, status: impl IntoStatus) -> Result<T, Error>;
}

impl<T, E: Into<Error>> ResultExt<T> for Result<T, E> {
    #[track_caller]
    fn status(self, status: impl IntoStatus) -> Result<T, Error> {
        // No closure, which would be the place that the error is made at.
        match self {
            Ok(value) => Ok(value),
            Err(err) => Err(err.into().with_status(status)),
        }
    }
}

impl<T> ResultExt<T> for Option<T> {
    #[track_caller]
    fn status(self, status: impl IntoStatus) -> Result<T, Error> {
        match self {
            Some(value) => Ok(value),
            None => Err(Error::make(None, None).with_status(status)),
        }
    }
}

/// Returns an error with a status and a message, formatted as by [`format!`]: `return Err(Error::new(404, ..).into())`.
///
/// ```
/// use connect::{app, bail, get, Result};
///
/// #[get("/things/:name")]
/// fn thing(name: &str) -> Result<String> {
///     if name != "anvil" {
///         bail!(404, "no such thing: {name}");
///     }
///     Ok("heavy".to_owned())
/// }
///
/// let app = app![thing];
/// ```
///
/// For an error without a status of its own, which is answered with 500, use `Error::msg(..)`.
#[macro_export]
macro_rules! bail {
    ($status:expr, $($message:tt)+) => {
        return ::core::result::Result::Err(::core::convert::Into::into(
            $crate::Error::new($status, ::std::format!($($message)+))
        ))
    };
}

/// The values that [`next.fail`](crate::Next::fail) takes: an [`Error`], or a type that converts into one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an error",
    label = "not an error",
    note = "a text becomes one with `Error::msg(\"..\")`, a type of your own by implementing `std::error::Error`"
)]
pub trait IntoError {
    /// The error.
    #[doc(hidden)]
    #[track_caller]
    fn into_error(self) -> Error;
}

#[diagnostic::do_not_recommend]
impl<E: Into<Error>> IntoError for E {
    #[inline]
    #[track_caller]
    fn into_error(self) -> Error {
        self.into()
    }
}

/// The types of an error handler's first parameter: [`Error`] itself, or the type of a cause.
#[diagnostic::on_unimplemented(
    message = "an error handler cannot take `{Self}`",
    label = "neither `Error` nor an error type",
    note = "write `err: Error` to take every error, or a type that implements `std::error::Error` to take only those"
)]
pub trait FromError: Sized {
    /// Takes the error, or returns it for the next handler.
    #[doc(hidden)]
    fn from_error(err: Error) -> Result<Self, Error>;
}

/// An [`Error`] among those of the standard kind.
struct Boxed(Error);

// A `main` that returns any error prints it so.
impl fmt::Debug for Boxed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl fmt::Display for Boxed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl StdError for Boxed {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source().map(|source| source as _)
    }
}

/// For APIs that take any error, such as the stream of a body.
impl From<Error> for Box<dyn StdError + Send + Sync> {
    fn from(err: Error) -> Self {
        Box::new(Boxed(err))
    }
}

impl Error {
    /// Unwraps an [`Error`] that was boxed; other errors become the cause of one.
    #[track_caller]
    pub(crate) fn from_boxed(err: BoxError) -> Self {
        match err.downcast::<Boxed>().map(|ours| ours.0) {
            Ok(ours) => ours,
            Err(err) => match err.downcast::<ParamError>() {
                Ok(param) => Error::of_param(param),
                Err(err) => match err.downcast::<BodyError>() {
                    Ok(body) => Error::of_body(body),
                    Err(err) => Error::make(None, Some(err)),
                },
            },
        }
    }

    fn with_status_of_cause(mut self, status: StatusCode) -> Self {
        self = self.with_status(status);
        self.0.is_status_of_cause = true;
        self
    }

    #[track_caller]
    fn of_body(body: Box<BodyError>) -> Self {
        let kind = body.kind();
        let err = Error::make(None, Some(body)).with_status_of_cause(kind.status());
        match kind {
            // RFC 9110, section 15.5.16.
            BodyErrorKind::Encoding => err.with_header(http::header::ACCEPT_ENCODING, "gzip, deflate, br"),
            _ => err,
        }
    }

    /// The error of a parameter. The parameter's type may have set a status of its own.
    #[track_caller]
    fn of_param(mut param: Box<ParamError>) -> Self {
        let err = match param.take_reason::<Boxed>() {
            Some(ours) => ours.0,
            None => Error::make(None, Some(param)),
        };
        if err.0.status.is_none() && !err.downcast_ref::<ParamError>().is_some_and(ParamError::is_unknown) {
            err.with_status_of_cause(StatusCode::BAD_REQUEST)
        } else {
            err
        }
    }
}

impl FromError for Error {
    #[inline]
    fn from_error(err: Error) -> Result<Self, Error> {
        Ok(err)
    }
}

#[diagnostic::do_not_recommend]
impl<E: StdError + Send + Sync + 'static> FromError for E {
    fn from_error(err: Error) -> Result<Self, Error> {
        err.downcast()
    }
}
