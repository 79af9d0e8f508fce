//! The claims that say when, by whom and for whom a token is valid (RFC 7519, section 4.1).

use std::borrow::Cow;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::error::JwtError;

/// For whom a token has to be, by its claim `aud`: the second parameter of [`Jwt::new`](super::Jwt::new).
///
/// A text or a list of texts becomes one: a token passes that names one of them.
#[derive(Debug, Clone)]
pub struct Audience(Option<Vec<String>>);

impl Audience {
    /// Accepts tokens for any audience, and those that name none. A token that was issued for another service then passes here, too:
    /// for issuers that have one service, or no `aud` (RFC 8725, section 3.9).
    #[must_use]
    pub const fn any() -> Self {
        Audience(None)
    }
}

impl From<&str> for Audience {
    fn from(name: &str) -> Self {
        Audience(Some(vec![name.to_owned()]))
    }
}

impl From<String> for Audience {
    fn from(name: String) -> Self {
        Audience(Some(vec![name]))
    }
}

impl From<Vec<String>> for Audience {
    fn from(names: Vec<String>) -> Self {
        Audience(Some(names))
    }
}

impl<const N: usize> From<[&str; N]> for Audience {
    fn from(names: [&str; N]) -> Self {
        Audience(Some(names.map(str::to_owned).into()))
    }
}

/// What is asked of the claims.
pub(super) struct Rules {
    pub(super) audience: Audience,
    pub(super) issuers: Option<Vec<String>>,
    pub(super) expires: bool,
    pub(super) leeway: Duration,
    // A function that users give as an option, for tests.
    pub(super) clock: Box<dyn Fn() -> SystemTime + Send + Sync>,
}

/// A claim that is there twice is an error of serde's, so that nobody reads the other one.
#[derive(Deserialize)]
struct Registered<'a> {
    /// A number with fractions is allowed (RFC 7519, section 2).
    exp: Option<f64>,
    nbf: Option<f64>,
    #[serde(borrow)]
    iss: Option<Cow<'a, str>>,
    #[serde(borrow)]
    aud: Option<Names<'a>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Names<'a> {
    One(#[serde(borrow)] Cow<'a, str>),
    Several(Vec<String>),
}

impl Names<'_> {
    fn has(&self, name: &str) -> bool {
        match self {
            Names::One(own) => own == name,
            Names::Several(all) => all.iter().any(|own| own == name),
        }
    }
}

impl Rules {
    /// Reads the claims of a token whose signature was verified.
    pub(super) fn read<T: DeserializeOwned>(&self, payload: &[u8]) -> Result<T, JwtError> {
        // serde takes a list for a struct, too.
        if !payload.trim_ascii_start().starts_with(b"{") {
            return Err(JwtError::Claims(serde::de::Error::custom("they are not an object")));
        }
        self.check(&serde_json::from_slice(payload).map_err(JwtError::Claims)?)?;
        serde_json::from_slice(payload).map_err(JwtError::Claims)
    }

    fn check(&self, claims: &Registered<'_>) -> Result<(), JwtError> {
        let now = (self.clock)().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
        let leeway = self.leeway.as_secs_f64();
        match claims.exp {
            Some(end) if now >= end + leeway => return Err(JwtError::Expired),
            None if self.expires => return Err(JwtError::Missing { claim: "exp" }),
            _ => {}
        }
        if claims.nbf.is_some_and(|begin| now + leeway < begin) {
            return Err(JwtError::NotYetValid);
        }
        if let Some(wanted) = &self.audience.0 {
            let names = claims.aud.as_ref().ok_or(JwtError::Missing { claim: "aud" })?;
            if !wanted.iter().any(|name| names.has(name)) {
                return Err(JwtError::Audience);
            }
        }
        if let Some(issuers) = &self.issuers {
            let issuer = claims.iss.as_ref().ok_or(JwtError::Missing { claim: "iss" })?;
            if !issuers.iter().any(|own| own == issuer) {
                return Err(JwtError::Issuer);
            }
        }
        Ok(())
    }
}
