//! What can go wrong with a session in a cookie.

use std::error::Error as StdError;
use std::fmt;

use connect::Error;
use connect::http::StatusCode;

/// Why a value could not be put into its cookie: the cause of the errors of [`CookieValue`](super::CookieValue).
#[derive(Debug)]
#[non_exhaustive]
pub enum CookieSessionError {
    /// The `Set-Cookie` header would be larger than browsers have to keep: status 413.
    TooLarge {
        /// The name of the cookie.
        cookie: String,
        /// The size of the header's value in bytes.
        bytes: usize,
        /// The largest size in bytes.
        limit: usize,
    },
    /// The value cannot be written as JSON, or not be read again: status 500.
    Format(serde_json::Error),
    /// The response head has been sent, so the cookie cannot reach the client: status 500.
    HeadSent,
}

impl CookieSessionError {
    /// The status of the error.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        match self {
            CookieSessionError::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            CookieSessionError::Format(_) | CookieSessionError::HeadSent => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    pub(super) fn into_error(self) -> Error {
        let status = self.status();
        Error::from(self).with_status(status)
    }
}

impl fmt::Display for CookieSessionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CookieSessionError::TooLarge { cookie, bytes, limit } => {
                write!(
                    f,
                    "the cookie `{cookie}` would have {bytes} bytes with its attributes, and browsers keep {limit}"
                )
            }
            CookieSessionError::Format(_) => {
                f.write_str("the value of a session cookie cannot be written as JSON and read again")
            }
            CookieSessionError::HeadSent => {
                f.write_str("a session cookie cannot be changed after the response head was sent")
            }
        }
    }
}

impl StdError for CookieSessionError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            CookieSessionError::Format(cause) => Some(cause),
            CookieSessionError::TooLarge { .. } | CookieSessionError::HeadSent => None,
        }
    }
}
