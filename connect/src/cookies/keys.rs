//! Keys for signed and private cookies.

use std::fmt;

use cookie::{Cookie, CookieJar, Key};

use crate::{Error, Result};

/// The keys of [signed](crate::Response::signed_cookie) and [private](crate::Response::private_cookie) cookies: the current
/// key sets them, and former keys still read the cookies that clients have.
///
/// ```
/// use connect::{app, get, provide, CookieKeys, Request, Response, Result};
///
/// #[get("/")]
/// async fn visits(req: &mut Request, res: &mut Response, keys: &CookieKeys) -> Result {
///     let seen: u32 = req.cookies().signed(keys, "visits").and_then(|text| text.parse().ok()).unwrap_or(0);
///     res.signed_cookie(keys, ("visits", (seen + 1).to_string())).text(format!("visit {}", seen + 1))
/// }
///
/// # fn main() -> Result<()> {
/// let secret = "at least 32 bytes, of the configuration";
/// let keys = CookieKeys::new(secret)?.with_former("the secret that was there before")?;
/// let app = app![provide(keys), visits];
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct CookieKeys {
    current: Key,
    former: Vec<Key>,
}

/// The least number of bytes: a shorter secret can be guessed.
const SHORTEST: usize = 32;

fn derive(secret: &[u8]) -> Result<Key> {
    if secret.len() < SHORTEST {
        return Err(Error::msg(format!(
            "the secret for cookies is too short: it needs at least {SHORTEST} random bytes"
        )));
    }
    Ok(Key::derive_from(secret))
}

impl CookieKeys {
    /// Derives the keys from a secret of at least 32 random bytes.
    ///
    /// # Errors
    /// If the secret is shorter.
    pub fn new(secret: impl AsRef<[u8]>) -> Result<Self> {
        Ok(CookieKeys { current: derive(secret.as_ref())?, former: Vec::new() })
    }

    /// Makes random keys, which only this process has: cookies set with them cannot be read after a restart.
    #[must_use]
    pub fn generate() -> Self {
        CookieKeys { current: Key::generate(), former: Vec::new() }
    }

    /// Adds a secret that was in use before, so that cookies set with it can still be read. Remove it when they have
    /// expired.
    ///
    /// # Errors
    /// If the secret is shorter than 32 bytes.
    pub fn with_former(mut self, secret: impl AsRef<[u8]>) -> Result<Self> {
        self.former.push(derive(secret.as_ref())?);
        Ok(self)
    }

    fn all(&self) -> impl Iterator<Item = &Key> {
        std::iter::once(&self.current).chain(&self.former)
    }

    /// Signs the name with the value. The crate `cookie` signs the value alone, so the value of one cookie would be valid in
    /// every other.
    pub(super) fn sign(&self, mut cookie: Cookie<'static>) -> Cookie<'static> {
        let mut jar = CookieJar::new();
        let name = cookie.name().to_owned();
        cookie.set_value(format!("{name}={}", cookie.value()));
        jar.signed_mut(&self.current).add(cookie.clone());
        jar.get(&name).cloned().unwrap_or(cookie)
    }

    pub(super) fn encrypt(&self, cookie: Cookie<'static>) -> Cookie<'static> {
        let mut jar = CookieJar::new();
        let name = cookie.name().to_owned();
        jar.private_mut(&self.current).add(cookie.clone());
        jar.get(&name).cloned().unwrap_or(cookie)
    }

    pub(super) fn verify(&self, cookie: Cookie<'static>) -> Option<String> {
        let jar = CookieJar::new();
        let found = self.all().find_map(|key| jar.signed(key).verify(cookie.clone()))?;
        let value = found.value().strip_prefix(cookie.name())?.strip_prefix('=')?;
        Some(value.to_owned())
    }

    pub(super) fn decrypt(&self, cookie: Cookie<'static>) -> Option<String> {
        let jar = CookieJar::new();
        let found = self.all().find_map(|key| jar.private(key).decrypt(cookie.clone()))?;
        Some(found.value().to_owned())
    }
}

impl fmt::Debug for CookieKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CookieKeys({} former)", self.former.len())
    }
}
