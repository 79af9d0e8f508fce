//! Signed cookies in Express's form.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use hmac::{Hmac, Mac};
use sha2::Sha256;

/// The secrets of signed cookies in Express's form, `s:value.signature`, for an app that shares its cookies with one in
/// Express. Other apps use [`CookieKeys`](crate::CookieKeys), whose signature covers the name too.
///
/// The signature is the HMAC-SHA256 of the value, in base64 (`cookie-signature`). It does not cover the name: a client can
/// put the value of one signed cookie into another, so a value should not mean different things in two cookies.
///
/// ```
/// use connect::{http, CookieSecrets, Request};
///
/// let secrets = CookieSecrets::new("keyboard cat").with_former("the one before");
/// let value = "s%3Atobi.k%2FMBGA3LV%2FDe%2B0YTROxcLuurjbOQXyaa2veNodQBZc4";
/// let req: Request = http::Request::get("/").header("cookie", format!("name={value}")).body("").unwrap().into();
/// let name = req.cookie("name").unwrap();
/// assert_eq!(secrets.unsign(&name), Some("tobi"));
/// assert_eq!(secrets.unsign("s:tobi.nonsense"), None);
/// assert_eq!(secrets.sign("tobi"), name);
/// ```
#[derive(Clone)]
pub struct CookieSecrets {
    current: String,
    former: Vec<String>,
}

impl CookieSecrets {
    /// Uses one secret.
    #[must_use]
    pub fn new(secret: impl Into<String>) -> Self {
        CookieSecrets { current: secret.into(), former: Vec::new() }
    }

    /// Adds a secret that was in use before, so that cookies signed with it can still be read.
    #[must_use]
    pub fn with_former(mut self, secret: impl Into<String>) -> Self {
        self.former.push(secret.into());
        self
    }

    /// Signs a value, with the current secret: `s:value.signature`.
    #[must_use]
    pub fn sign(&self, value: &str) -> String {
        let signature = mac(&self.current, value).finalize().into_bytes();
        format!("s:{value}.{}", STANDARD_NO_PAD.encode(signature))
    }

    /// The value in a signed cookie. `None` if it is not signed with one of the secrets, or was changed.
    #[must_use]
    pub fn unsign<'a>(&self, cookie: &'a str) -> Option<&'a str> {
        let (value, signature) = cookie.strip_prefix("s:")?.rsplit_once('.')?;
        let signature = STANDARD_NO_PAD.decode(signature).ok()?;
        let mut secrets = std::iter::once(&self.current).chain(&self.former);
        // In constant time, which reveals nothing of the right signature.
        secrets.any(|secret| mac(secret, value).verify_slice(&signature).is_ok()).then_some(value)
    }
}

fn mac(secret: &str, value: &str) -> Hmac<Sha256> {
    // HMAC takes keys of any length.
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap_or_else(|_| unreachable!());
    mac.update(value.as_bytes());
    mac
}

impl fmt::Debug for CookieSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CookieSecrets({} former)", self.former.len())
    }
}

#[cfg(test)]
mod tests {
    use super::CookieSecrets;

    #[test]
    fn a_value_is_read_with_any_of_the_secrets_and_not_when_changed() {
        let old = CookieSecrets::new("old");
        let new = CookieSecrets::new("new").with_former("old");
        let cookie = old.sign("a.b");
        assert_eq!((old.unsign(&cookie), new.unsign(&cookie)), (Some("a.b"), Some("a.b")));
        assert_eq!(CookieSecrets::new("new").unsign(&cookie), None);
        assert_eq!(new.unsign(&cookie.replace("a.b", "a.c")), None);
        for other in ["", "s:", "s:.", "a.b", "s:a", &cookie[2..], &cookie[..cookie.len() - 1]] {
            assert_eq!(old.unsign(other), None, "{other}");
        }
        assert_eq!(format!("{new:?}"), "CookieSecrets(1 former)");
    }
}
