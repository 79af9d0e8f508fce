//! The options of a cookie that a layer sets.

use std::borrow::Cow;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use connect::cookie::{Cookie, SameSite, time};
use connect::{Request, Response};
use http::header::{self, HeaderValue};

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
        self.name.as_deref().unwrap_or_else(|| self.default_name(secure))
    }

    fn default_name(&self, secure: bool) -> &'static str {
        match secure {
            false => self.defaults.plain,
            true if self.path == "/" => self.defaults.host,
            true => self.defaults.secure,
        }
    }

    pub(crate) fn build(&self, secure: bool, value: String) -> Cookie<'static> {
        let name = self.name.clone().unwrap_or_else(|| Cow::Borrowed(self.default_name(secure)));
        let mut cookie = Cookie::build((name, value))
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

    /// Whether [`warn_once`](CookieOptions::warn_once) has logged.
    #[cfg(feature = "session")]
    pub(crate) fn has_warned(&self) -> bool {
        self.warned.load(Relaxed)
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

/// Keeps shared caches from storing a response with a cookie, which is for one client alone: `Cache-Control: private`, unless the app
/// has said something else that they do not store.
pub(crate) fn keep_private(res: &mut Response) {
    const PRIVATE: HeaderValue = HeaderValue::from_static("private");
    let mut lines = res.headers().get_all(header::CACHE_CONTROL).iter().peekable();
    let is_silent = lines.peek().is_none();
    let is_shared = |line: &HeaderValue| {
        let mut directives = line.as_bytes().split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
        directives.any(|one| {
            let name = one.split(|byte| *byte == b'=').next().unwrap_or_default();
            name.eq_ignore_ascii_case(b"public") || name.eq_ignore_ascii_case(b"s-maxage")
        })
    };
    if is_silent || lines.any(is_shared) {
        res.set(header::CACHE_CONTROL, PRIVATE);
    }
}

/// The methods that set the options of the cookie, for a layer with them in the field `shared.cookie`.
macro_rules! cookie_setters {
    ($plain:literal) => {
        #[doc = concat!("Sets the name of the cookie: by default `__Host-", $plain, "` if it is secure and its path is `/`, ")]
        #[doc = concat!("`__Secure-", $plain, "` if it is secure with another path, and `", $plain, "` otherwise.")]
        /// A name that begins with `__Host-` or `__Secure-` makes the cookie secure.
        ///
        /// # Panics
        /// If it is empty, or has characters that are not allowed in the name of a cookie.
        #[must_use]
        pub fn name(mut self, name: impl Into<std::borrow::Cow<'static, str>>) -> Self {
            self.shared.cookie.set_name(name.into());
            self
        }

        /// Sets whether the cookie is `Secure`: by default it is if [`req.secure()`](connect::Request::secure) is `true`.
        ///
        /// With `true`, a browser does not send the cookie in requests that are not encrypted, nor keep it from their responses.
        #[must_use]
        pub fn secure(mut self, yes: bool) -> Self {
            self.shared.cookie.secure = Some(yes);
            self
        }

        /// Sets the path of the cookie: by default `/`.
        #[must_use]
        pub fn path(mut self, path: impl Into<std::borrow::Cow<'static, str>>) -> Self {
            self.shared.cookie.path = path.into();
            self
        }

        /// Sets in which requests of other sites browsers send the cookie: by default `Lax`, when a link is followed. `None` needs a
        /// secure cookie.
        #[must_use]
        pub fn same_site(mut self, same_site: connect::cookie::SameSite) -> Self {
            self.shared.cookie.same_site = same_site;
            self
        }
    };
}
pub(crate) use cookie_setters;
