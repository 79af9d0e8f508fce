//! What can go wrong with a session.

use std::error::Error as StdError;
use std::fmt;

use connect::Error;
use connect::http::StatusCode;

use super::store::StoreError;

/// Why a session could not be read or changed: the cause of the errors of [`Sessions`](super::Sessions).
///
/// An error handler that takes `err: SessionError` gets these and no others.
#[derive(Debug)]
#[non_exhaustive]
pub enum SessionError {
    /// The store failed, or did not answer within [`store_timeout`](super::Session::store_timeout): status 503.
    Store(StoreError),
    /// Other requests changed the part again and again, between each read and write of this one: status 503.
    Conflict {
        /// The name of the part.
        part: &'static str,
    },
    /// The session ended while this request was using it, by a logout or a login of another request: status 409.
    Ended,
    /// The response head has been sent, so a new token cannot reach the client: status 500.
    HeadSent,
    /// The part would be larger than [`part_limit`](super::Session::part_limit): status 413.
    TooLarge {
        /// The name of the part.
        part: &'static str,
        /// Its size in bytes.
        bytes: usize,
        /// The largest size in bytes.
        limit: usize,
    },
    /// What is stored is not a value of the part's type, or the value cannot be written as JSON: status 500.
    Format {
        /// The name of the part.
        part: &'static str,
        /// What serde says.
        cause: serde_json::Error,
    },
    /// The operating system gave no random numbers: status 500.
    Random(Box<dyn StdError + Send + Sync>),
}

impl SessionError {
    /// The status of the error.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        match self {
            SessionError::Store(_) | SessionError::Conflict { .. } => StatusCode::SERVICE_UNAVAILABLE,
            SessionError::Ended => StatusCode::CONFLICT,
            SessionError::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            SessionError::HeadSent | SessionError::Format { .. } | SessionError::Random(_) => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
        }
    }

    pub(super) fn into_error(self) -> Error {
        let status = self.status();
        Error::from(self).with_status(status)
    }
}

impl fmt::Display for SessionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SessionError::Store(_) => f.write_str("the session store failed"),
            SessionError::Conflict { part } => {
                write!(f, "too many requests changed the part `{part}` of one session at the same time")
            }
            SessionError::Ended => f.write_str("the session ended while the request was using it"),
            SessionError::HeadSent => {
                f.write_str("a session cannot begin or get a new token after the response head was sent")
            }
            SessionError::TooLarge { part, bytes, limit } => {
                write!(
                    f,
                    "the part `{part}` of the session would have {bytes} bytes, and at most {limit} are allowed"
                )
            }
            SessionError::Format { part, .. } => {
                write!(f, "the part `{part}` of the session cannot be read or written as its type")
            }
            SessionError::Random(_) => f.write_str("the operating system gave no random numbers"),
        }
    }
}

impl StdError for SessionError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            SessionError::Store(cause) | SessionError::Random(cause) => Some(&**cause),
            SessionError::Format { cause, .. } => Some(cause),
            _ => None,
        }
    }
}
