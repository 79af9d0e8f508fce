//! The cookie with the token.

use connect::Request;
use connect::cookie::Cookie;
use http::header::{self, HeaderValue};

use super::token::Token;
use crate::cookie_options::CookieOptions;

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
            _ => match req.cookie(options.name_for(secure)) {
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
