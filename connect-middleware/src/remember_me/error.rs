//! What can go wrong with a remembered browser.

use std::error::Error as StdError;
use std::fmt;

use connect::Error;
use connect::http::StatusCode;

use crate::session::StoreError;

/// Why a browser could not be remembered or forgotten: the cause of the errors of [`Browser`](super::Browser).
#[derive(Debug)]
#[non_exhaustive]
pub enum RememberError {
    /// The store failed, or did not answer within [`store_timeout`](super::RememberMe::store_timeout): status 503.
    Store(StoreError),
    /// Nobody is signed in who could be remembered: status 500.
    NotSignedIn,
    /// The response head has been sent, so the cookie cannot reach the client: status 500.
    HeadSent,
    /// The operating system gave no random numbers: status 500.
    Random(Box<dyn StdError + Send + Sync>),
}

impl RememberError {
    /// The status of the error.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        match self {
            RememberError::Store(_) => StatusCode::SERVICE_UNAVAILABLE,
            RememberError::NotSignedIn | RememberError::HeadSent | RememberError::Random(_) => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
        }
    }

    pub(super) fn into_error(self) -> Error {
        let status = self.status();
        Error::from(self).with_status(status)
    }
}

impl fmt::Display for RememberError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            RememberError::Store(_) => "the store of remembered browsers failed",
            RememberError::NotSignedIn => "a browser is remembered after the login, and nobody is signed in",
            RememberError::HeadSent => "a browser cannot be remembered after the response head was sent",
            RememberError::Random(_) => "the operating system gave no random numbers",
        })
    }
}

impl StdError for RememberError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            RememberError::Store(cause) | RememberError::Random(cause) => Some(&**cause),
            RememberError::NotSignedIn | RememberError::HeadSent => None,
        }
    }
}
