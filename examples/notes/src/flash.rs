//! A message for the next page that somebody sees, in a cookie.

use connect::{Cookie, Next, Request, Response, Result, middleware};

const COOKIE: &str = "flash";

/// The message that the page before has left, if there is one.
#[derive(Debug, Clone, Default)]
pub struct Flash(pub Option<String>);

/// Leaves a message.
pub fn leave(res: &mut Response, message: &str) {
    res.cookie(Cookie::build((COOKIE, message.to_owned())).path("/").http_only(true).build());
}

/// Takes the message, and provides it.
#[middleware]
pub fn flash(req: &mut Request, res: &mut Response, next: Next<Flash>) -> Result {
    let message = req.cookie(COOKIE);
    if message.is_some() {
        res.clear_cookie(Cookie::build(COOKIE).path("/").build());
    }
    next.with(Flash(message)).pass()
}
