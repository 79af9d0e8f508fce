//! Sessions: values of a visitor that stay from one request to the next, in a store on the server, and who is signed in.
//!
//! ```
//! use connect::{app, get, post, Result};
//! use connect_middleware::session::{MemoryStore, Part, Principal, Session, Sessions, require_login};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Serialize, Deserialize, Default)]
//! struct Cart {
//!     items: Vec<String>,
//! }
//!
//! impl Part for Cart {
//!     const NAME: &'static str = "cart";
//! }
//!
//! #[post("/cart/:item")]
//! async fn add(sessions: &Sessions, item: String) -> Result<String> {
//!     let cart = sessions.change::<Cart>(|cart| cart.items.push(item.clone())).await?;
//!     Ok(format!("{} items", cart.items.len()))
//! }
//!
//! #[post("/login")]
//! async fn login(sessions: &Sessions) -> Result<&'static str> {
//!     // Check the password first.
//!     sessions.login(Principal::new("7").role("admin")).await?;
//!     Ok("welcome")
//! }
//!
//! #[get("/account")]
//! fn account(principal: &Principal) -> String {
//!     format!("account {}", principal.id())
//! }
//!
//! let app = app![Session::new(MemoryStore::new()), add, login, require_login(), account];
//! ```
//!
//! A session is made of [parts](Part), each a type of the application. Routes take [`Sessions`], [read](Sessions::get) parts and
//! [change](Sessions::change) them. A change is in the store before its method returns, and so before the response, whatever that
//! is: a redirect, a stream, an error. Two requests that change one part at the same time lose nothing: the closure of the later one
//! runs again on the newer value.
//!
//! Nothing is stored for a visitor, and no cookie is set, until something is put in. A request that does not use its session
//! costs no access of the store.
//!
//! # Login
//! [`sessions.login(principal)`](Sessions::login) signs in, gives the session a new token and keeps its parts.
//! [`logout`](Sessions::logout) ends the session; [`logout_everywhere`](Sessions::logout_everywhere),
//! [`logout_elsewhere`](Sessions::logout_elsewhere) and [`logout_principal`](Sessions::logout_principal) end those of other browsers.
//! [`require_login`] is the guard, which provides the [`Principal`]; [`require_role`] stands below it:
//!
//! ```
//! use connect::{app, get, router, Result};
//! use connect_middleware::session::{MemoryStore, Principal, Session, Sessions, require_login, require_role};
//!
//! #[get("/", public)]
//! async fn index(sessions: &Sessions) -> Result<String> {
//!     Ok(match sessions.principal().await? {
//!         Some(principal) => format!("welcome back, {}", principal.id()),
//!         None => "hello".to_owned(),
//!     })
//! }
//!
//! #[get("/account")]
//! fn account(principal: &Principal) -> String {
//!     format!("account {}", principal.id())
//! }
//!
//! #[get("/stats")]
//! fn stats() -> &'static str {
//!     "for administrators"
//! }
//!
//! let app = app![
//!     #![deny(unguarded = Principal)]
//!     Session::new(MemoryStore::new()),
//!     index,
//!     require_login(),
//!     account,
//!     "/admin" => router![require_role("admin"), stats],
//! ];
//! ```
//!
//! # Flash messages
//! [`sessions.flash("info", "Saved.")`](Sessions::flash) before a redirect, [`sessions.take_flash()`](Sessions::take_flash) on the
//! page behind it. A message is read once.
//!
//! # Stores
//! | store | feature | for |
//! |---|---|---|
//! | [`MemoryStore`] | `session` | one process, until it ends |
//! | `SqliteStore` | `session-sqlite` | the processes of one machine: one file, no server |
//! | `RedisStore` | `session-redis` | processes on several machines |
//! | `PostgresStore` | `session-postgres` | processes on several machines, with a database that is there anyway |
//!
//! For another database implement [`Store`]. Stores have the SHA-256 hash of a token, and never the token: a copy of the store lets
//! nobody in. What is in the parts is not encrypted.
//!
//! # Options
//! | option | type | default | effect |
//! |---|---|---|---|
//! | [`name`](Session::name) | text | `__Host-id`; `__Secure-id` for another path than `/`; `id` if not secure | the name of the cookie |
//! | [`idle`](Session::idle) | `Duration` | 1 day | a session that is not used for so long ends |
//! | [`absolute`](Session::absolute) | `Duration` | 30 days | a session ends so long after it began, or after its last login; the cookie's `Max-Age` |
//! | [`persistent`](Session::persistent) | `bool` | `true` | `false`: no `Max-Age`, and browsers forget the cookie when they are closed |
//! | [`secure`](Session::secure) | `bool` | [`req.secure()`](connect::Request::secure) | the cookie's `Secure` |
//! | [`path`](Session::path) | text | `/` | the cookie's `Path` |
//! | [`same_site`](Session::same_site) | `SameSite` | `Lax` | the cookie's `SameSite` |
//! | [`on_store_failure`](Session::on_store_failure) | [`StoreFailure`] | `Refuse` | whether routes that only read go on when the store fails |
//! | [`store_timeout`](Session::store_timeout) | `Duration` | 5 seconds | a store that does not answer for so long has failed |
//! | [`part_limit`](Session::part_limit) | bytes | 64 KiB | how large a part may become |
//! | [`touch_every`](Session::touch_every) | `Duration` | 5 minutes, at most a quarter of `idle` | how often requests that only read write the new end of the idle lifetime |
//! | [`sweep_every`](Session::sweep_every) | `Duration` | 10 minutes | how often expired sessions are removed from the store |
//! | [`clock`](Session::clock) | function | the clock of the system | the present, for tests |
//!
//! The cookie is always `HttpOnly`. A response to a request that used its session has `Vary: Cookie`, and one that sets
//! the cookie has `Cache-Control: private` unless it has another one, so that no cache gives it to other clients.
//!
//! Behind a proxy that ends TLS, set [`trust_proxy`](connect::App::trust_proxy): otherwise requests count as not secure, and the
//! cookie is sent without `Secure`. Where the first request of an app shows that cookies with `Secure` cannot arrive, or that the proxy is not
//! trusted, a warning is logged.
//!
//! # Needs and provides
//! [`Session`] provides [`Sessions`] and states [`HAS_SESSIONS`]. [`require_login`] needs it, provides [`Principal`],
//! and states [`SIGNS_IN`](crate::facts::SIGNS_IN) and [`REFUSES`](crate::facts::REFUSES); its laws are `inside_of_sessions` and
//! `authentication_outside_of_body_readers`. [`require_role`] needs a [`Principal`] and states `REFUSES`.
//!
//! # What goes wrong
//! | what | the client gets |
//! |---|---|
//! | the store fails or does not answer | 503, for routes that use the session; nothing is changed that was reported as changed |
//! | another request has ended the session since this one read it | 409; the change is not stored, and the session does not come back |
//! | a part is in constant change | 503 after 32 attempts |
//! | a part is too large | 413 |
//! | a token is made up, or has expired | no session: [`get`](Sessions::get) gives defaults, and a change begins a session with a token of its own |
//! | nobody is signed in | 401, from [`require_login`] |
//! | a role is missing | 403 |
//! | a change or a login needs a new token after the response head | 500 |
//!
//! All of these are errors on the error track, with a [`SessionError`] as the cause of those of [`Sessions`].
//! A request that was sent with the old token while a login gave the client a new one has no session.
//!
//! # Differences from `express-session`
//! - Parts have versions. The package stores the whole session at the end of each request, and so the last one wins.
//! - A change that is older than a logout does not bring the session back, which `store.set` of the package does.
//! - There is no `save`, and none is needed before a redirect. There are no `resave` and `saveUninitialized`: what was not changed is not
//!   written.
//! - There is no `secret`: the token is random, and the store knows only its hash.
//! - `regenerate` is part of [`login`](Sessions::login). The lifetime is extended without a new cookie, as with `rolling`.
//! - `Secure` is set where the request is secure, as with `cookie.secure: 'auto'`, and the name of the cookie says so.
//! - There is no `domain`: the cookie is of one host.

mod error;
mod guard;
mod memory;
#[cfg(test)]
mod model;
mod parts;
#[cfg(feature = "session-postgres")]
mod postgres;
#[cfg(feature = "session-redis")]
mod redis;
mod sessions;
#[cfg(feature = "session-sqlite")]
mod sqlite;
mod store;
#[cfg(test)]
mod suite;
mod timestamp;
mod token;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use connect::cookie::{Cookie, SameSite, time};
use connect::{
    Declared, Declares, Facts, IntoLayer, Layer, Next, Request, Response, Rest, Result, Stated, StatesFacts,
};
use http::header::{self, HeaderValue};

use self::sessions::{CookieChange, Shared};
use self::token::Token;
use crate::facts::HAS_SESSIONS;

pub use self::error::SessionError;
pub use self::guard::{
    RequireLogin, RequireLoginFacts, RequireLoginLayer, RequireRole, RequireRoleFacts, RequireRoleLayer,
    require_login, require_role,
};
pub use self::memory::MemoryStore;
pub use self::parts::{Flash, Login, Message, Part, Principal};
#[cfg(feature = "session-postgres")]
pub use self::postgres::PostgresStore;
#[cfg(feature = "session-redis")]
pub use self::redis::RedisStore;
pub use self::sessions::Sessions;
#[cfg(feature = "session-sqlite")]
pub use self::sqlite::SqliteStore;
pub use self::store::{NewSession, PartChange, Store, StoreError, StoredPart, StoredSession, Swapped};
pub use self::timestamp::Timestamp;
pub use self::token::Key;

/// What a route that only reads its session gets when the store fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum StoreFailure {
    /// An error with status 503.
    #[default]
    Refuse,
    /// The defaults of the parts, as of a visitor without a session, and a warning is logged. Changes and guards fail with status
    /// 503 all the same.
    ReadDefaults,
}

/// The layer that provides [`Sessions`], with its options: see the [module](self).
pub struct Session {
    cookie: CookieOptions,
    shared: Shared,
}

#[derive(Debug)]
struct CookieOptions {
    name: Option<Cow<'static, str>>,
    secure: Option<bool>,
    path: Cow<'static, str>,
    same_site: SameSite,
    persistent: bool,
}

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

impl Session {
    /// Sessions in a store.
    #[must_use]
    pub fn new(store: impl Store) -> Self {
        let cookie = CookieOptions {
            name: None,
            secure: None,
            path: Cow::Borrowed("/"),
            same_site: SameSite::Lax,
            persistent: true,
        };
        let shared = Shared {
            store: Arc::new(store),
            clock: Box::new(Timestamp::now),
            idle: DAY,
            absolute: 30 * DAY,
            touch_every: 5 * MINUTE,
            sweep_every: 10 * MINUTE,
            store_timeout: Duration::from_secs(5),
            part_limit: 64 * 1024,
            reads_go_on: false,
            next_sweep: AtomicU64::new(0),
            warned: AtomicBool::new(false),
        };
        Session { cookie, shared }
    }

    /// Sets the name of the cookie: by default `__Host-id` if it is secure and its path is `/`, `__Secure-id` if it is secure with
    /// another path, and `id` otherwise. A name that begins with `__Host-` or `__Secure-` makes the cookie secure.
    ///
    /// # Panics
    /// If it is empty, or has characters that are not allowed in the name of a cookie.
    #[must_use]
    pub fn name(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        let name = name.into();
        let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        assert!(
            !name.is_empty() && name.bytes().all(is_token),
            "`{name}` is no name for a cookie: write letters, digits, `-` and `_`"
        );
        self.cookie.name = Some(name);
        self
    }

    /// Sets how long a session lives that is not used: by default 1 day.
    #[must_use]
    pub fn idle(mut self, lifetime: Duration) -> Self {
        self.shared.idle = lifetime;
        self
    }

    /// Sets how long a session lives at most, from its beginning or its last login on: by default 30 days. It is the cookie's `Max-Age`,
    /// too.
    #[must_use]
    pub fn absolute(mut self, lifetime: Duration) -> Self {
        self.shared.absolute = lifetime;
        self
    }

    /// Sets whether browsers keep the cookie when they are closed: by default they do, for the absolute lifetime.
    #[must_use]
    pub fn persistent(mut self, yes: bool) -> Self {
        self.cookie.persistent = yes;
        self
    }

    /// Sets whether the cookie is `Secure`: by default it is if [`req.secure()`](connect::Request::secure) is `true`.
    ///
    /// With `true`, a browser does not send the cookie in requests that are not encrypted, nor keep it from their responses.
    #[must_use]
    pub fn secure(mut self, yes: bool) -> Self {
        self.cookie.secure = Some(yes);
        self
    }

    /// Sets the path of the cookie: by default `/`.
    #[must_use]
    pub fn path(mut self, path: impl Into<Cow<'static, str>>) -> Self {
        self.cookie.path = path.into();
        self
    }

    /// Sets in which requests of other sites browsers send the cookie: by default `Lax`, when a link is followed. `None` needs a
    /// secure cookie.
    #[must_use]
    pub fn same_site(mut self, same_site: SameSite) -> Self {
        self.cookie.same_site = same_site;
        self
    }

    /// Sets what routes get that only read their session when the store fails: by default an error with status 503.
    #[must_use]
    pub fn on_store_failure(mut self, then: StoreFailure) -> Self {
        self.shared.reads_go_on = then == StoreFailure::ReadDefaults;
        self
    }

    /// Sets after what time a store that does not answer has failed: by default 5 seconds for each operation.
    #[must_use]
    pub fn store_timeout(mut self, timeout: Duration) -> Self {
        self.shared.store_timeout = timeout;
        self
    }

    /// Sets how many bytes a part may have as JSON: by default 65,536.
    #[must_use]
    pub fn part_limit(mut self, bytes: usize) -> Self {
        self.shared.part_limit = bytes;
        self
    }

    /// Sets how often the new end of the idle lifetime is written for a session in use: by default every 5 minutes, and at least
    /// four times in the idle lifetime. A session may end so much earlier than its idle lifetime says.
    #[must_use]
    pub fn touch_every(mut self, interval: Duration) -> Self {
        self.shared.touch_every = interval;
        self
    }

    /// Sets how often expired sessions are removed from the store, beside a request that uses it: by default every 10 minutes.
    #[must_use]
    pub fn sweep_every(mut self, interval: Duration) -> Self {
        self.shared.sweep_every = interval;
        self
    }

    /// Sets the clock: by default that of the system. Tests of what expires put one of their own here.
    #[must_use]
    pub fn clock(mut self, clock: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        self.shared.clock = Box::new(clock);
        self
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("cookie", &self.cookie).finish_non_exhaustive()
    }
}

impl IntoLayer for Session {
    type Layer = Stated<Declared<SessionLayer, Declares<(), (Sessions,)>>, SessionFacts>;

    /// # Panics
    /// If the name of the cookie begins with `__Host-` or `__Secure-`, and the cookie is set not to be secure; if it begins with
    /// `__Host-`, and the path is not `/`.
    fn into_layer(self) -> Self::Layer {
        self.cookie.check();
        Stated::new(Declared::new(SessionLayer { cookie: self.cookie, shared: Arc::new(self.shared) }))
    }
}

const HOST: &str = "__Host-";
const SECURE: &str = "__Secure-";

fn begins(name: &str, prefix: &str) -> bool {
    name.as_bytes().get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix.as_bytes()))
}

impl CookieOptions {
    fn check(&self) {
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

    fn is_secure(&self, req: &Request) -> bool {
        self.secure.unwrap_or_else(|| self.is_prefixed() || req.secure())
    }

    fn name_for(&self, secure: bool) -> Cow<'static, str> {
        match &self.name {
            Some(name) => name.clone(),
            None if !secure => Cow::Borrowed("id"),
            None if self.path == "/" => Cow::Borrowed("__Host-id"),
            None => Cow::Borrowed("__Secure-id"),
        }
    }

    fn build(&self, secure: bool, value: String) -> Cookie<'static> {
        Cookie::build((self.name_for(secure), value))
            .path(self.path.clone())
            .http_only(true)
            .secure(secure)
            .same_site(self.same_site)
            .build()
    }
}

/// The facts of [`Session`].
#[derive(Debug)]
pub struct SessionFacts;

impl StatesFacts for SessionFacts {
    const FACTS: Facts = Facts::of("Session").states(&[HAS_SESSIONS]);
}

/// What [`Session`] becomes in a list.
pub struct SessionLayer {
    cookie: CookieOptions,
    shared: Arc<Shared>,
}

impl fmt::Debug for SessionLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionLayer").field("cookie", &self.cookie).finish_non_exhaustive()
    }
}

impl Layer for SessionLayer {
    async fn run<R: Rest>(&self, req: &mut Request, res: &mut Response, next: Next<(), R>) -> Result {
        let secure = self.cookie.is_secure(req);
        self.warn_once(req, secure);
        let sent = req.cookie(&self.cookie.name_for(secure));
        let token = sent.as_deref().and_then(Token::parse);
        let sessions = Sessions::new(&self.shared, token, sent.is_some());
        req.provide(sessions.clone());
        let done = next.run(req, res).await;
        self.finish(&sessions, secure, res);
        Ok(done)
    }

    fn name(&self) -> &str {
        "Session"
    }
}

impl SessionLayer {
    /// Puts into the response what the routes did.
    fn finish(&self, sessions: &Sessions, secure: bool, res: &mut Response) {
        const PRIVATE: HeaderValue = HeaderValue::from_static("private");
        let (change, used) = sessions.seal();
        if used {
            res.vary("Cookie");
        }
        let Some(change) = change else { return };
        if !res.headers().contains_key(header::CACHE_CONTROL) {
            res.set(header::CACHE_CONTROL, PRIVATE);
        }
        match change {
            CookieChange::Set(token) => {
                let mut cookie = self.cookie.build(secure, token.text());
                if self.cookie.persistent {
                    let seconds = self.shared.absolute.as_secs().try_into().unwrap_or(i64::MAX);
                    cookie.set_max_age(time::Duration::seconds(seconds));
                }
                res.cookie(cookie);
            }
            CookieChange::Clear => {
                res.clear_cookie(self.cookie.build(secure, String::new()));
            }
        }
    }

    /// Says once that the cookie cannot arrive, or is sent without `Secure` by mistake.
    fn warn_once(&self, req: &Request, secure: bool) {
        if self.shared.warned.load(Relaxed) || req.secure() {
            return;
        }
        let is_forwarded = req.header("x-forwarded-proto").is_some_and(|scheme| scheme.starts_with("https"));
        let text = if secure {
            "the session cookie is `Secure`, and this request came over http: browsers do not keep the cookie, and so there \
             will be no session. Behind a proxy that ends TLS, set `App::trust_proxy`; without TLS, leave out `Session::secure`"
        } else if self.cookie.same_site == SameSite::None {
            "the session cookie is `SameSite=None`, and this request came over http: browsers do not keep such a cookie \
             without `Secure`, and so there will be no session"
        } else if is_forwarded {
            "a proxy says that a request came over https, and it is not trusted: the session cookie is sent without `Secure`. \
             Set `App::trust_proxy`"
        } else {
            return;
        };
        if !self.shared.warned.swap(true, Relaxed) {
            tracing::warn!("{text}");
        }
    }
}
