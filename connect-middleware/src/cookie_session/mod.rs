//! A session in an encrypted cookie: a typed value of a visitor that stays from one request to the next, without a store on the server.
//!
//! ```
//! use connect::{app, get, post, CookieKeys, Redirect, Result};
//! use connect_middleware::cookie_session::{CookieSession, CookieValue};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Serialize, Deserialize, Default)]
//! struct Cart {
//!     items: Vec<String>,
//! }
//!
//! #[get("/cart")]
//! fn cart(cart: &CookieValue<Cart>) -> String {
//!     cart.get().items.join(", ")
//! }
//!
//! #[post("/cart/:item")]
//! fn add(cart: &CookieValue<Cart>, item: String) -> Result<Redirect> {
//!     cart.change(|cart| cart.items.push(item))?;
//!     Ok(Redirect::see_other("/cart"))
//! }
//!
//! # fn main() -> Result<()> {
//! let keys = CookieKeys::new("at least 32 bytes, of the configuration")?;
//! let app = app![CookieSession::<Cart>::new(keys), cart, add];
//! # Ok(())
//! # }
//! ```
//!
//! The whole value is in the cookie, as JSON, encrypted with AES-256-GCM ([`private_cookie`](connect::Response::private_cookie)): the
//! client can neither read nor change it. It suits small values: a cart, a language, the state of a form with several pages.
//!
//! The cookie is set right before the head of the response is sent, and only if the value was changed. So redirects, errors and
//! streams have it. A request that does not use the value does not decrypt the cookie.
//!
//! # Replay and logout
//! The server keeps nothing, so it cannot take a cookie back:
//!
//! - A copy of an old cookie brings the old value back, until `max_age` after it was set. The time is inside of the encrypted value, so a
//!   client cannot extend it. Nothing that may be used once belongs in there: credits, attempts, one-time codes.
//! - [`clear`](CookieValue::clear) at logout removes the cookie from this browser only.
//! - Of two requests that change the value at the same time, the response that arrives last wins.
//!
//! Where one of these matters, take [`session`](crate::session), which has a store.
//!
//! # Options
//! | option | type | default | effect |
//! |---|---|---|---|
//! | [`name`](CookieSession::name) | text | `__Host-session`; `__Secure-session` for another path than `/`; `session` if not secure | the name of the cookie |
//! | [`max_age`](CookieSession::max_age) | `Duration` | 14 days | how long a value lives after its last change; the cookie's `Max-Age` |
//! | [`persistent`](CookieSession::persistent) | `bool` | `true` | `false`: no `Max-Age`, and browsers forget the cookie when they are closed |
//! | [`secure`](CookieSession::secure) | `bool` | [`req.secure()`](connect::Request::secure) | the cookie's `Secure` |
//! | [`path`](CookieSession::path) | text | `/` | the cookie's `Path` |
//! | [`same_site`](CookieSession::same_site) | `SameSite` | `Lax` | the cookie's `SameSite` |
//! | [`clock`](CookieSession::clock) | function | the clock of the system | the present, for tests |
//!
//! The cookie is always `HttpOnly`. A response to a request that used the value has `Vary: Cookie`, and one that sets
//! the cookie has `Cache-Control: private`, unless the app has said something stricter, so that no cache gives it to other clients.
//!
//! To change the secret, make the old one a [former](connect::CookieKeys::with_former) one until `max_age` has passed.
//!
//! # Needs and provides
//! It needs nothing, and provides a [`CookieValue`] of its type. It states no facts. Two of them with different types in one app need
//! two names.
//!
//! # What goes wrong
//! | what | the client gets |
//! |---|---|
//! | the `Set-Cookie` header would have more than 4,096 bytes (RFC 6265, section 6.1) | 413, from [`change`](CookieValue::change), with the number of bytes in the error; the value stays as it was |
//! | a cookie is made up, changed, too old, or encrypted with another key | the default of the type |
//! | the cookie holds a value of another shape, as after a deploy | the default of the type, and a warning is logged |
//! | the value cannot be written as JSON and read again | 500 |
//! | the value is changed after the response head was sent | 500 |
//!
//! These are errors on the error track, with a [`CookieSessionError`] as their cause. About 2,900 bytes of JSON fit. When a field is added
//! to the type, `#[serde(default)]` lets the cookies of before be read.
//!
//! # Differences from `cookie-session`
//! - The value is encrypted. That of the package is signed, and so the client can read it.
//! - It is a type of the application. There is no `isNew`, `isChanged` and `isPopulated`.
//! - The lifetime is checked on the server. The package leaves it to the browser.
//! - A cookie that is too large is an error. The package sends it, and the browser drops it.
//! - `session = null` is [`clear`](CookieValue::clear). There are no `domain`, `httpOnly`, `overwrite` and `signed`.

mod error;
mod value;

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use connect::{
    CookieKeys, Declared, Declares, IntoLayer, Next, PlainFn, PlainLayer, Request, Response, Result,
};
use http::header;
use serde::Serialize;
use serde::de::DeserializeOwned;

use self::value::{Change, Shared};
use crate::cookie_options::{CookieOptions, DefaultNames, cookie_setters, keep_private};

pub use self::error::CookieSessionError;
pub use self::value::CookieValue;

const NAMES: DefaultNames =
    DefaultNames { plain: "session", secure: "__Secure-session", host: "__Host-session" };
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The layer that provides a [`CookieValue`], with its options: see the [module](self).
pub struct CookieSession<T> {
    shared: Shared,
    value: PhantomData<fn() -> T>,
}

impl<T> CookieSession<T> {
    /// A session in a cookie that is encrypted with these keys.
    #[must_use]
    pub fn new(keys: CookieKeys) -> Self {
        let cookie = CookieOptions::new(NAMES, 14 * DAY);
        CookieSession {
            shared: Shared { keys, cookie, clock: Box::new(SystemTime::now) },
            value: PhantomData,
        }
    }

    cookie_setters!("session");

    /// Sets how long a value lives after its last change: by default 14 days. It is the cookie's `Max-Age`, and it is checked on the
    /// server, too.
    #[must_use]
    pub fn max_age(mut self, lifetime: Duration) -> Self {
        self.shared.cookie.max_age = lifetime;
        self
    }

    /// Sets whether browsers keep the cookie when they are closed: by default they do, for `max_age`.
    #[must_use]
    pub fn persistent(mut self, yes: bool) -> Self {
        self.shared.cookie.persistent = yes;
        self
    }

    /// Sets the clock: by default that of the system. Tests of what expires put one of their own here.
    #[must_use]
    pub fn clock(mut self, clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.shared.clock = Box::new(clock);
        self
    }
}

impl<T> fmt::Debug for CookieSession<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CookieSession").field("cookie", &self.shared.cookie).finish_non_exhaustive()
    }
}

impl<T: Serialize + DeserializeOwned + Default + 'static> IntoLayer for CookieSession<T> {
    type Layer = Declared<CookieSessionLayer<T>, Declares<(), (CookieValue<T>,)>>;

    /// # Panics
    /// If browsers would refuse the cookie: its name begins with `__Host-` or `__Secure-`, and it is set not to be secure; its name begins
    /// with `__Host-`, and the path is not `/`. If the path has a `;` or a control character.
    fn into_layer(self) -> Self::Layer {
        self.shared.cookie.check();
        Declared::new(CookieSessionLayer { shared: Arc::new(self.shared), value: self.value })
    }
}

/// What [`CookieSession`] becomes in a list.
pub struct CookieSessionLayer<T> {
    shared: Arc<Shared>,
    value: PhantomData<fn() -> T>,
}

impl<T> fmt::Debug for CookieSessionLayer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CookieSessionLayer").field("cookie", &self.shared.cookie).finish_non_exhaustive()
    }
}

impl<T: Serialize + DeserializeOwned + Default + 'static> PlainLayer for CookieSessionLayer<T> {
    fn run(&self, req: &mut Request, res: &mut Response, next: Next<(), PlainFn>) -> Result {
        let secure = self.shared.cookie.is_secure(req);
        self.shared.cookie.warn_once(req, secure);
        let value = CookieValue::<T>::new(&self.shared, req, secure);
        req.provide(value.clone());
        // The hook of an outer layer runs last: it sees what those of layers below have changed.
        res.before_head(async move |res| {
            finish(&value, res);
            Ok(())
        });
        next.pass()
    }

    fn name(&self) -> &str {
        "CookieSession"
    }
}

/// Puts into the response what the routes did.
fn finish<T>(value: &CookieValue<T>, res: &mut Response) {
    let (change, used) = value.seal();
    if used {
        res.vary("Cookie");
    }
    let Some(change) = change else { return };
    keep_private(res);
    match change {
        Change::Set(line) => {
            res.append(header::SET_COOKIE, line);
        }
        Change::Clear => {
            res.clear_cookie(value.cleared());
        }
    }
}
