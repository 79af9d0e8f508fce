//! The options of a cookie that a layer sets.

use std::borrow::Cow;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use connect::Request;
use connect::cookie::{Cookie, SameSite, time};

const HOST: &str = "__Host-";
const SECURE: &str = "__Secure-";

/// The names that a cookie has by default.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DefaultNames {
    pub(crate) plain: &'static str,
    pub(crate) secure: &'static str,
    pub(crate) host: &'static str,
}

#[derive(Debug)]
pub(crate) struct CookieOptions {
    defaults: DefaultNames,
    name: Option<Cow<'static, str>>,
    pub(crate) secure: Option<bool>,
    pub(crate) path: Cow<'static, str>,
    pub(crate) same_site: SameSite,
    pub(crate) persistent: bool,
    pub(crate) max_age: Duration,
    warned: AtomicBool,
}

impl CookieOptions {
    pub(crate) const fn new(defaults: DefaultNames, max_age: Duration) -> Self {
        CookieOptions {
            defaults,
            name: None,
            secure: None,
            path: Cow::Borrowed("/"),
            same_site: SameSite::Lax,
            persistent: true,
            max_age,
            warned: AtomicBool::new(false),
        }
    }

    /// # Panics
    /// If it is empty, or has characters that are not allowed in the name of a cookie.
    pub(crate) fn set_name(&mut self, name: Cow<'static, str>) {
        let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        assert!(
            !name.is_empty() && name.bytes().all(is_token),
            "`{name}` is no name for a cookie: write letters, digits, `-` and `_`"
        );
        self.name = Some(name);
    }

    /// # Panics
    /// If browsers would refuse a cookie with these options.
    pub(crate) fn check(&self) {
        assert!(
            !self.path.chars().any(|c| c == ';' || c.is_control()),
            "the path `{}` of a cookie would begin another attribute",
            self.path.escape_debug()
        );
        assert!(
            self.secure != Some(false) || self.same_site != SameSite::None,
            "browsers refuse a cookie with `SameSite=None` unless it is secure: leave out `secure(false)`"
        );
        let Some(name) = &self.name else { return };
        assert!(
            self.secure != Some(false) || !self.is_prefixed(),
            "browsers refuse the cookie `{name}` unless it is secure: leave out `secure(false)`, or the prefix of the name"
        );
        assert!(
            self.path == "/" || !begins(name, HOST),
            "browsers refuse the cookie `{name}` with the path `{}`: the prefix `{HOST}` needs `/`",
            self.path
        );
    }

    fn is_prefixed(&self) -> bool {
        self.name.as_ref().is_some_and(|name| begins(name, HOST) || begins(name, SECURE))
    }

    pub(crate) fn is_secure(&self, req: &Request) -> bool {
        self.secure.unwrap_or_else(|| self.is_prefixed() || req.secure())
    }

    pub(crate) fn name_for(&self, secure: bool) -> &str {
        match &self.name {
            Some(name) => name,
            None if !secure => self.defaults.plain,
            None if self.path == "/" => self.defaults.host,
            None => self.defaults.secure,
        }
    }

    pub(crate) fn build(&self, secure: bool, value: String) -> Cookie<'static> {
        let mut cookie = Cookie::build((self.name_for(secure).to_owned(), value))
            .path(self.path.clone())
            .http_only(true)
            .secure(secure)
            .same_site(self.same_site)
            .build();
        if self.persistent {
            let seconds = self.max_age.as_secs().try_into().unwrap_or(i64::MAX);
            cookie.set_max_age(time::Duration::seconds(seconds));
        }
        cookie
    }

    /// Logs once that the cookie cannot arrive, or is sent without `Secure` by mistake.
    pub(crate) fn warn_once(&self, req: &Request, secure: bool) {
        if self.warned.load(Relaxed) || req.secure() {
            return;
        }
        let is_forwarded =
            || req.header("x-forwarded-proto").is_some_and(|scheme| scheme.starts_with("https"));
        let text = if secure {
            "is `Secure`, and this request came over http: browsers do not keep it. Behind a proxy that ends TLS, set \
             `App::trust_proxy`; without TLS, leave out `secure(true)`"
        } else if self.same_site == SameSite::None {
            "is `SameSite=None`, and this request came over http: browsers do not keep such a cookie without `Secure`"
        } else if is_forwarded() {
            "is sent without `Secure`, although a proxy says that a request came over https: the proxy is not trusted. \
             Set `App::trust_proxy`"
        } else {
            return;
        };
        if !self.warned.swap(true, Relaxed) {
            tracing::warn!("the cookie `{}` {text}", self.name_for(secure));
        }
    }
}

fn begins(name: &str, prefix: &str) -> bool {
    name.as_bytes().get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix.as_bytes()))
}
