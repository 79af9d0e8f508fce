//! Express's example `cookie-sessions`: a counter in a session that is a cookie.

use connect::{App, Chain, CookieKeys, Result, app, get};

use crate::session::{Session, session};

#[get("/")]
fn index(session: &Session) -> Result<String> {
    let count = session.get::<u64>("count").unwrap_or(0) + 1;
    session.set("count", count)?;
    Ok(format!("viewed {count} times\n"))
}

pub(crate) fn app() -> App<impl Chain> {
    app![session(CookieKeys::generate()), index]
}
