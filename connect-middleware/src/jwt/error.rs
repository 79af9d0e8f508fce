//! Why a token is refused.

use std::error::Error as StdError;
use std::fmt;

/// Why a token was refused: the cause of the error, for logs. Clients do not get it.
#[derive(Debug)]
#[non_exhaustive]
pub enum JwtError {
    /// It is not a signed token, or its header names an algorithm that is not known, such as `none`.
    Malformed(Box<dyn StdError + Send + Sync>),
    /// Its header has `crit`: extensions that a reader has to understand.
    Critical,
    /// Its `typ` is not the one that was [set](super::Jwt::token_type).
    Type,
    /// There are no keys at all: status 503, since the token may be a valid one.
    NoKeys,
    /// No key has the id of its header.
    UnknownKey {
        /// The id, as the client sent it.
        id: String,
    },
    /// The keys that it may be signed with are for other algorithms.
    Algorithm,
    /// It was not signed with any of these keys, or was changed.
    Signature,
    /// A claim is missing that has to be there.
    Missing {
        /// The name of the claim.
        claim: &'static str,
    },
    /// It has expired, by `exp`.
    Expired,
    /// It is not valid yet, by `nbf`.
    NotYetValid,
    /// It is for somebody else, by `aud`.
    Audience,
    /// It is from somebody else, by `iss`.
    Issuer,
    /// Its claims do not fit the type that they are read into, or are not claims at all.
    Claims(serde_json::Error),
}

impl fmt::Display for JwtError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            JwtError::Malformed(_) => "the token cannot be read",
            JwtError::Critical => "the header of the token has `crit`, and no extension is supported",
            JwtError::Type => "the token is of another type",
            JwtError::NoKeys => "there are no keys to verify tokens with",
            JwtError::UnknownKey { id } => {
                return write!(f, "there is no key {id:?} to verify the token with");
            }
            JwtError::Algorithm => "the key of the token is for another algorithm",
            JwtError::Signature => "the signature of the token is wrong",
            JwtError::Missing { claim } => return write!(f, "the token has no claim `{claim}`"),
            JwtError::Expired => "the token has expired",
            JwtError::NotYetValid => "the token is not valid yet",
            JwtError::Audience => "the token is for another audience",
            JwtError::Issuer => "the token is from another issuer",
            JwtError::Claims(_) => "the claims of the token cannot be read",
        })
    }
}

impl StdError for JwtError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            JwtError::Malformed(cause) => Some(&**cause),
            JwtError::Claims(cause) => Some(cause),
            _ => None,
        }
    }
}
