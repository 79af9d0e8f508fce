//! The value of a session cookie, for one request.

use std::fmt;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use connect::cookie::Cookie;
use connect::{CookieKeys, Error, Request, Response, Result};
use http::HeaderMap;
use http::header::{self, HeaderValue};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::error::CookieSessionError;
use crate::cookie_options::CookieOptions;

/// What all requests share.
pub(super) struct Shared {
    pub(super) keys: CookieKeys,
    pub(super) cookie: CookieOptions,
    pub(super) clock: Box<dyn Fn() -> SystemTime + Send + Sync>,
}

/// What browsers have to keep of a cookie, attributes included (RFC 6265, section 6.1).
const LIMIT: usize = 4096;

/// The value of a session cookie: what routes take as `cart: &CookieValue<Cart>`.
///
/// The cookie is decrypted by the first method that needs it, once for a request. Clones are of the same request.
pub struct CookieValue<T> {
    request: Arc<PerRequest<T>>,
}

struct PerRequest<T> {
    shared: Arc<Shared>,
    secure: bool,
    /// The client has sent a cookie of this name, whatever its value.
    has_cookie: bool,
    state: Mutex<State>,
    value: PhantomData<fn() -> T>,
}

struct State {
    held: Held,
    out: Option<Change>,
    used: bool,
    /// The response head has been sent.
    sealed: bool,
}

enum Held {
    /// The headers with the cookies of the request.
    Unread(Vec<HeaderValue>),
    /// There is no value.
    Absent,
    /// The value as JSON.
    Here(String),
}

/// What is to be sent.
pub(super) enum Change {
    /// A `Set-Cookie` header.
    Set(HeaderValue),
    Clear,
}

impl<T> Clone for CookieValue<T> {
    fn clone(&self) -> Self {
        CookieValue { request: Arc::clone(&self.request) }
    }
}

impl<T> fmt::Debug for CookieValue<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CookieValue").finish_non_exhaustive()
    }
}

impl<T> CookieValue<T> {
    fn state(&self) -> MutexGuard<'_, State> {
        self.request.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The response head goes out: what is to be sent, and whether the value was used.
    pub(super) fn seal(&self) -> (Option<Change>, bool) {
        let mut state = self.state();
        state.sealed = true;
        (state.out.take(), state.used)
    }

    /// What clears the cookie.
    pub(super) fn cleared(&self) -> Cookie<'static> {
        self.request.shared.cookie.build(self.request.secure, String::new())
    }

    /// Removes the value, and the cookie from the browser: it is its default again. A copy of the cookie that somebody made is valid until
    /// `max_age` after it was set.
    ///
    /// # Errors
    /// If the response head has been sent.
    pub fn clear(&self) -> Result<()> {
        let mut state = self.state();
        state.used = true;
        if state.sealed {
            return Err(CookieSessionError::HeadSent.into_error());
        }
        state.held = Held::Absent;
        state.out = self.request.has_cookie.then_some(Change::Clear);
        Ok(())
    }
}

impl<T: Serialize + DeserializeOwned + Default> CookieValue<T> {
    pub(super) fn new(shared: &Arc<Shared>, req: &Request, secure: bool) -> Self {
        let has_cookie = req.cookie(shared.cookie.name_for(secure)).is_some();
        let held = if has_cookie {
            Held::Unread(req.headers().get_all(header::COOKIE).iter().cloned().collect())
        } else {
            Held::Absent
        };
        let state = Mutex::new(State { held, out: None, used: false, sealed: false });
        let request =
            PerRequest { shared: Arc::clone(shared), secure, has_cookie, state, value: PhantomData };
        CookieValue { request: Arc::new(request) }
    }

    /// The value: its default if there is no cookie, or none that counts.
    #[must_use]
    pub fn get(&self) -> T {
        self.read(&mut self.state())
    }

    /// Changes the value, and returns it.
    ///
    /// A closure that leaves the value as it was sets no cookie. It has to use the value that it gets alone: a method of this
    /// `CookieValue`, called in the closure, waits for the closure forever.
    ///
    /// ```
    /// # use connect_middleware::cookie_session::CookieValue;
    /// # use serde::{Deserialize, Serialize};
    /// # #[derive(Serialize, Deserialize, Default)]
    /// # struct Cart { items: Vec<String> }
    /// # fn add(cart: &CookieValue<Cart>) -> connect::Result<String> {
    /// let cart = cart.change(|cart| cart.items.push("anvil".to_owned()))?;
    /// Ok(format!("{} items", cart.items.len()))
    /// # }
    /// ```
    ///
    /// # Errors
    /// If the cookie becomes too large; if the value cannot be written as JSON; if the response head has been sent. The value is then as it
    /// was before. The cause is a [`CookieSessionError`].
    pub fn change(&self, change: impl FnOnce(&mut T)) -> Result<T> {
        self.update(|value| {
            change(value);
            Ok(())
        })
        .map(|((), value)| value)
    }

    /// Changes the value unless the closure fails, and returns what the closure returned.
    ///
    /// ```
    /// # use connect::Error;
    /// # use connect_middleware::cookie_session::CookieValue;
    /// # use serde::{Deserialize, Serialize};
    /// # #[derive(Serialize, Deserialize, Default)]
    /// # struct Cart { items: Vec<String> }
    /// # fn remove(cart: &CookieValue<Cart>) -> connect::Result<String> {
    /// let removed = cart.try_change(|cart| cart.items.pop().ok_or(Error::new(404, "the cart is empty")))?;
    /// Ok(format!("removed {removed}"))
    /// # }
    /// ```
    ///
    /// # Errors
    /// That of the closure, after which nothing is changed, and those of [`change`](CookieValue::change).
    pub fn try_change<V, E: Into<Error>>(&self, change: impl FnOnce(&mut T) -> Result<V, E>) -> Result<V> {
        self.update(|value| change(value).map_err(Into::into)).map(|(returned, _)| returned)
    }

    fn update<V>(&self, change: impl FnOnce(&mut T) -> Result<V>) -> Result<(V, T)> {
        let encode = |value: &T| {
            serde_json::to_string(value).map_err(|cause| CookieSessionError::Format(cause).into_error())
        };
        let mut state = self.state();
        let mut value = self.read(&mut state);
        // Not what is in the cookie: that may be of an older version of the type.
        let before = encode(&value)?;
        let returned = change(&mut value)?;
        let after = encode(&value)?;
        if after != before {
            if state.sealed {
                return Err(CookieSessionError::HeadSent.into_error());
            }
            // Otherwise it would be lost in the next request, with nobody to tell.
            serde_json::from_str::<T>(&after)
                .map_err(|cause| CookieSessionError::Format(cause).into_error())?;
            state.out = Some(Change::Set(self.request.header(&after)?));
            state.held = Held::Here(after);
        }
        Ok((returned, value))
    }

    fn read(&self, state: &mut State) -> T {
        state.used = true;
        if let Held::Unread(headers) = &mut state.held {
            let headers = std::mem::take(headers);
            state.held = self.request.open(headers).map_or(Held::Absent, Held::Here);
        }
        let Held::Here(json) = &state.held else { return T::default() };
        match serde_json::from_str(json) {
            Ok(value) => value,
            Err(err) => {
                let name = self.request.name();
                // The message of serde tells places and types; a value in it is one of a session.
                tracing::warn!(
                    line = err.line(),
                    column = err.column(),
                    "the value of the cookie `{name}` is not of the type that the application has now, and counts as none"
                );
                state.held = Held::Absent;
                T::default()
            }
        }
    }
}

impl<T> PerRequest<T> {
    fn name(&self) -> &str {
        self.shared.cookie.name_for(self.secure)
    }

    /// The JSON in the cookie of a request, if it is one of ours and not too old.
    fn open(&self, cookies: Vec<HeaderValue>) -> Option<String> {
        let mut headers = HeaderMap::with_capacity(cookies.len());
        for line in cookies {
            headers.append(header::COOKIE, line);
        }
        let mut req = Request::from(http::Request::new(""));
        *req.headers_mut() = headers;
        let mut text = req.cookies().private(&self.shared.keys, self.name())?;
        let (issued, _) = text.split_once(' ')?;
        let end = issued.len() + 1;
        let issued = Duration::from_secs(issued.parse().ok()?);
        if self.now() >= issued.saturating_add(self.shared.cookie.max_age) {
            return None;
        }
        text.drain(..end);
        Some(text)
    }

    /// The time since 1970.
    fn now(&self) -> Duration {
        (self.shared.clock)().duration_since(UNIX_EPOCH).unwrap_or_default()
    }

    /// The `Set-Cookie` header of a value.
    fn header(&self, json: &str) -> Result<HeaderValue> {
        let text = format!("{} {json}", self.now().as_secs());
        let cookie = self.shared.cookie.build(self.secure, text);
        let mut scratch = Response::new();
        scratch.private_cookie(&self.shared.keys, cookie);
        let line = scratch.header("set-cookie").and_then(|line| Cookie::parse_encoded(line).ok());
        let Some(line) = line else {
            return Err(Error::msg("the options of a session cookie make no valid cookie"));
        };
        // Base64 as it is: percent-encoded, the size would vary with the random bytes.
        let line = line.to_string();
        if line.len() > LIMIT {
            let (cookie, bytes) = (self.name().to_owned(), line.len());
            return Err(CookieSessionError::TooLarge { cookie, bytes, limit: LIMIT }.into_error());
        }
        Ok(HeaderValue::try_from(line)?)
    }
}
