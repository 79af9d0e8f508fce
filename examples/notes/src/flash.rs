//! A message for the next page, in a cookie.

use std::borrow::Cow;

use connect::cookie::Cookie;
use connect::{Next, Request, Response, Result, middleware};

const COOKIE: &str = "flash";

/// The message that the previous request has set, if there is one.
#[derive(Debug, Clone, Default)]
pub struct Flash(pub Option<String>);

/// Sets the message.
pub fn set(res: &mut Response, message: &str) {
    res.cookie(Cookie::build((COOKIE, message.to_owned())).http_only(true));
}

/// Provides the message, and clears its cookie.
#[middleware]
pub fn flash(req: &mut Request, res: &mut Response, next: Next<Flash>) -> Result {
    let message = req.cookie(COOKIE).map(Cow::into_owned);
    if message.is_some() {
        res.clear_cookie(COOKIE);
    }
    next.with(Flash(message)).pass()
}
