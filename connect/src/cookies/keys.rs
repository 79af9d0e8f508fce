//! Keys for signed and private cookies.

use std::fmt;

use cookie::{Cookie, CookieJar, Key};

use crate::{Error, Result};

/// The keys for [signed](crate::Response::signed_cookie) and [private](crate::Response::private_cookie) cookies: one
/// to set them with, and former ones, with which those that are out there can still be read.
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

/// A shorter secret can be guessed.
const SHORTEST: usize = 32;

fn derive(secret: &[u8]) -> Result<Key> {
    if secret.len() < SHORTEST {
        return Err(Error::msg(format!("a secret for cookies needs at least {SHORTEST} random bytes")));
    }
    Ok(Key::derive_from(secret))
}

impl CookieKeys {
    /// The keys that follow from a secret of at least 32 random bytes.
    ///
    /// # Errors
    /// If it is shorter.
    pub fn new(secret: impl AsRef<[u8]>) -> Result<Self> {
        Ok(CookieKeys { current: derive(secret.as_ref())?, former: Vec::new() })
    }

    /// Keys that nobody else has: cookies set with them end with the process.
    #[must_use]
    pub fn generate() -> Self {
        CookieKeys { current: Key::generate(), former: Vec::new() }
    }

    /// Adds a secret that was in use before. Cookies set with it can still be read; put this one away when they have
    /// run out.
    ///
    /// # Errors
    /// If it is shorter than 32 bytes.
    pub fn with_former(mut self, secret: impl AsRef<[u8]>) -> Result<Self> {
        self.former.push(derive(secret.as_ref())?);
        Ok(self)
    }

    fn all(&self) -> impl Iterator<Item = &Key> {
        std::iter::once(&self.current).chain(&self.former)
    }

    /// The crate signs the value alone: one that the client chose in one cookie would be good for every other. So the
    /// name goes in front of it.
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
