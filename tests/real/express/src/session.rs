//! A session in a private cookie, in the place of `express-session` and `cookie-session`.

use std::sync::{Arc, Mutex};

use connect::cookie::Cookie;
use connect::{CookieKeys, Next, Request, Response, Result, middleware};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

const COOKIE: &str = "session";

/// What the app keeps for one client.
#[derive(Clone, Default)]
pub(crate) struct Session(Arc<Mutex<Map<String, Value>>>);

impl Session {
    /// The value of a name; `None` also if it is of another type.
    pub(crate) fn get<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        self.0.lock().unwrap().get(name).and_then(|value| T::deserialize(value).ok())
    }

    pub(crate) fn set(&self, name: &str, value: impl Serialize) -> Result<()> {
        let value = serde_json::to_value(value)?;
        self.0.lock().unwrap().insert(name.to_owned(), value);
        Ok(())
    }

    /// The value of a name, which is then no longer there.
    pub(crate) fn take<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        self.0.lock().unwrap().remove(name).and_then(|value| serde_json::from_value(value).ok())
    }

    pub(crate) fn clear(&self) {
        self.0.lock().unwrap().clear();
    }
}

/// Provides the session, and sets the cookie if the layers below have changed it.
#[middleware]
pub(crate) async fn session(
    #[config] keys: &CookieKeys,
    req: &mut Request,
    res: &mut Response,
    next: Next<Session>,
) -> Result {
    let before: Map<String, Value> = req
        .cookies()
        .private(keys, COOKIE)
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default();
    let session = Session(Arc::new(Mutex::new(before.clone())));
    let done = next.with(session.clone()).run(req, res).await;
    let after = session.0.lock().unwrap();
    if after.is_empty() && !before.is_empty() {
        res.clear_cookie(COOKIE);
    } else if *after != before {
        let value = serde_json::to_string(&*after)?;
        res.private_cookie(keys, Cookie::build((COOKIE, value)).http_only(true));
    }
    Ok(done)
}
