//! The cookie with the token.

use std::borrow::Cow;

use connect::Request;
use connect::cookie::{Cookie, SameSite};
use http::header::{self, HeaderValue};

use super::token::Token;

/// The options of the cookie.
#[derive(Debug)]
pub(super) struct CookieOptions {
    pub(super) name: Option<Cow<'static, str>>,
    pub(super) secure: Option<bool>,
    pub(super) path: Cow<'static, str>,
    pub(super) same_site: SameSite,
    pub(super) persistent: bool,
}

const HOST: &str = "__Host-";
const SECURE: &str = "__Secure-";

fn begins(name: &str, prefix: &str) -> bool {
    name.as_bytes().get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix.as_bytes()))
}

impl CookieOptions {
    /// Panics where browsers would refuse the cookie whatever the request.
    pub(super) fn check(&self) {
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

    pub(super) fn is_secure(&self, req: &Request) -> bool {
        self.secure.unwrap_or_else(|| self.is_prefixed() || req.secure())
    }

    pub(super) fn name_for(&self, secure: bool) -> Cow<'static, str> {
        match &self.name {
            Some(name) => name.clone(),
            None if !secure => Cow::Borrowed("id"),
            None if self.path == "/" => Cow::Borrowed("__Host-id"),
            None => Cow::Borrowed("__Secure-id"),
        }
    }

    pub(super) fn build(&self, secure: bool, value: String) -> Cookie<'static> {
        Cookie::build((self.name_for(secure), value))
            .path(self.path.clone())
            .http_only(true)
            .secure(secure)
            .same_site(self.same_site)
            .build()
    }
}

/// The cookie that a client has sent: read when a method needs it, since most requests do not use their session.
pub(super) enum Sent {
    Nothing,
    /// The only header with cookies.
    Line(HeaderValue),
    /// `None` if the value is no token.
    Value(Option<Token>),
}

impl Sent {
    pub(super) fn of(req: &Request, options: &CookieOptions, secure: bool) -> Self {
        let mut lines = req.headers().get_all(header::COOKIE).iter();
        match (lines.next(), lines.next()) {
            (None, _) => Sent::Nothing,
            (Some(line), None) => Sent::Line(line.clone()),
            _ => match req.cookie(&options.name_for(secure)) {
                Some(value) => Sent::Value(Token::parse(&value)),
                None => Sent::Nothing,
            },
        }
    }

    /// `None` if there is no cookie of this name, and `Some(None)` if its value is no token.
    pub(super) fn read(&self, name: &str) -> Option<Option<Token>> {
        match self {
            Sent::Nothing => None,
            Sent::Value(token) => Some(token.clone()),
            Sent::Line(line) => {
                // The first of several counts, as for `req.cookie(..)`.
                // One by one: what a script has put into another cookie may be no ASCII, or no text.
                let texts =
                    line.as_bytes().split(|byte| *byte == b';').filter_map(|one| str::from_utf8(one).ok());
                let mut cookies = texts.flat_map(Cookie::split_parse).flatten();
                let cookie = cookies.find(|cookie| cookie.name_raw() == Some(name))?;
                let value = cookie.value_raw()?;
                let bare = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
                Some(Token::parse(bare.unwrap_or(value)))
            }
        }
    }
}
