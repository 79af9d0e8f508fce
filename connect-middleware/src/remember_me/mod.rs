//! "Remember me": a browser whose session has ended is signed in again, by a token that changes with each use.
//!
//! ```
//! use connect::{app, post, Result};
//! use connect_middleware::remember_me::{Browser, MemoryRememberStore, RememberMe};
//! use connect_middleware::session::{MemoryStore, Principal, Session, Sessions, require_login};
//!
//! async fn find(id: String) -> Result<Option<Principal>> {
//!     // Ask the database: `None` if the account is locked or gone.
//!     Ok((id == "7").then(|| Principal::new(id)))
//! }
//!
//! #[post("/login")]
//! async fn login(sessions: &Sessions, browser: &Browser) -> Result<&'static str> {
//!     // Check the password first, and whether the box is ticked.
//!     sessions.login(Principal::new("7")).await?;
//!     browser.remember().await?;
//!     Ok("welcome")
//! }
//!
//! #[post("/logout")]
//! async fn logout(sessions: &Sessions) -> Result<&'static str> {
//!     sessions.logout().await?;
//!     Ok("bye")
//! }
//!
//! let app = app![
//!     Session::new(MemoryStore::new()),
//!     RememberMe::new(MemoryRememberStore::new(), find),
//!     login,
//!     require_login(),
//!     logout,
//! ];
//! ```
//!
//! [`remember`](Browser::remember) begins a *series* and sets a cookie with its id and a token, `series:token`. A request with the
//! cookie, and without a session that is signed in, is signed in again before it comes to the layers below: the function that
//! [`RememberMe::new`] gets looks up the principal by its id, [`login`](Sessions::login) begins a session, and the series gets a new
//! token. The function decides about roles, too: leave out those that need a password typed in just now.
//!
//! # Theft
//! A token is used once. If an old one comes with a series that is right, two parties have the cookie, and nobody knows which one is the
//! owner. Then all sessions and all remembered browsers of the owner end, a warning is logged, and the function of
//! [`on_theft`](RememberMe::on_theft) is called.
//!
//! Two tabs that a browser restores send the same token at the same time. So the token of before is valid for 1 minute
//! ([`grace`](RememberMe::grace)) after it was replaced, and the series gets no other token within that time. A thief has the same minute. A
//! client that never got the response with the new token, and comes back later, counts as a thief and has to sign in: a longer time makes that
//! rarer.
//!
//! # Logout
//! A request that signs out by [`logout`](Sessions::logout) forgets the browser, and so does one that signs in without a
//! [`remember`](Browser::remember). What ends other sessions does not: the layer
//! cannot see it from outside of [`Sessions`]. Call both:
//!
//! | of [`Sessions`] | of [`Browser`] |
//! |---|---|
//! | `logout()` | none is needed; [`forget()`](Browser::forget) stays signed in |
//! | `logout_everywhere()` | [`forget_everywhere()`](Browser::forget_everywhere), before it |
//! | `logout_elsewhere()` | [`forget_elsewhere()`](Browser::forget_elsewhere) |
//! | `logout_principal(id)` | [`forget_principal(id)`](Browser::forget_principal) |
//!
//! # Stores
//! | store | feature | for |
//! |---|---|---|
//! | [`MemoryRememberStore`] | `remember-me` | tests |
//! | `SqliteRememberStore` | `session-sqlite` beside it | the processes of one machine |
//!
//! For another database implement [`RememberStore`]. Stores have the SHA-256 hashes of series and tokens: a copy of the store lets nobody in,
//! and cannot be used to feign a theft.
//!
//! # Options
//! | option | type | default | effect |
//! |---|---|---|---|
//! | [`name`](RememberMe::name) | text | `__Host-remember`; `__Secure-remember` for another path than `/`; `remember` if not secure | the name of the cookie |
//! | [`max_age`](RememberMe::max_age) | `Duration` | 30 days | how long a browser is remembered after it was signed in the last time; the cookie's `Max-Age` |
//! | [`secure`](RememberMe::secure) | `bool` | [`req.secure()`](connect::Request::secure) | the cookie's `Secure` |
//! | [`path`](RememberMe::path) | text | `/` | the cookie's `Path` |
//! | [`same_site`](RememberMe::same_site) | `SameSite` | `Lax` | the cookie's `SameSite` |
//! | [`grace`](RememberMe::grace) | `Duration` | 1 minute | how long the token of before is valid |
//! | [`on_theft`](RememberMe::on_theft) | function | none | gets the id of an owner whose cookie was copied |
//! | [`store_timeout`](RememberMe::store_timeout) | `Duration` | 5 seconds | a store that does not answer for so long has failed |
//! | [`sweep_every`](RememberMe::sweep_every) | `Duration` | 1 hour | how often expired series are removed from the store, in the background |
//! | [`clock`](RememberMe::clock) | function | the clock of the system | the present, for tests |
//!
//! The cookie is always `HttpOnly`. A request without it costs no access of a store; one with it reads the session.
//!
//! # Needs and provides
//! [`RememberMe`] needs [`Sessions`], provides a [`Browser`], and states [`SIGNS_IN`]. Its laws are `inside_of_sessions`,
//! `remember_me_outside_of_authentication` and `authentication_outside_of_body_readers`.
//!
//! # What goes wrong
//! | what | the client gets |
//! |---|---|
//! | the cookie is made up, or its series has ended | the cookie is removed, and the request goes on without a sign-in |
//! | an old token is used | the same, and all sessions and remembered browsers of the owner end |
//! | a store or the function fails while a request is signed in again | the request goes on without a sign-in, the cookie stays, and a warning is logged |
//! | the store fails in a method of [`Browser`] | 503 |
//! | nobody is signed in where [`remember`](Browser::remember) is called | 500 |
//! | it is called after the response head was sent | 500 |
//!
//! The last three are errors on the error track, with a [`RememberError`] as their cause.
//!
//! # Differences from `passport-remember-me`
//! - A series with theft detection. The package has single tokens.
//! - Two tabs at the same time are both signed in.
//! - The store has hashes. What the package stores is up to the application.
//! - A logout forgets the browser. The package leaves that to the application.

mod browser;
mod error;
mod memory;
#[cfg(feature = "session-sqlite")]
mod sqlite;
mod store;
#[cfg(test)]
mod suite;
mod token;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use connect::{
    Declared, Declares, Error, Facts, IntoLayer, Layer, Next, Request, Response, Rest, Result, Startup,
    Stated, StatesFacts,
};

use self::browser::{Below, Shared};
use crate::cookie_options::{CookieOptions, DefaultNames, cookie_setters, keep_private};
use crate::facts::{
    AUTHENTICATION_OUTSIDE_OF_BODY_READERS, INSIDE_OF_SESSIONS, REMEMBER_ME_OUTSIDE_OF_AUTHENTICATION,
    SIGNS_IN,
};
use crate::session::{Principal, Sessions, Timestamp};
use crate::sweep::Sweeps;

pub use self::browser::Browser;
pub use self::error::RememberError;
pub use self::memory::MemoryRememberStore;
#[cfg(feature = "session-sqlite")]
pub use self::sqlite::SqliteRememberStore;
pub use self::store::{NewSeries, RememberStore, Rotation, StoredSeries};

const NAMES: DefaultNames =
    DefaultNames { plain: "remember", secure: "__Secure-remember", host: "__Host-remember" };
const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The layer that signs in remembered browsers again and provides [`Browser`], with its options: see the [module](self).
///
/// Below a guard, which refuses the client first, it does not compile:
///
/// ```compile_fail,E0080
/// # use connect::{app, get};
/// # use connect_middleware::remember_me::{MemoryRememberStore, RememberMe};
/// # use connect_middleware::session::{MemoryStore, Principal, Session, require_login};
/// # #[get("/me")]
/// # fn me(principal: &Principal) -> String {
/// #     principal.id().to_owned()
/// # }
/// # let remember_me = RememberMe::new(MemoryRememberStore::new(), async |id| Ok(Some(Principal::new(id))));
/// let app = app![Session::new(MemoryStore::new()), require_login(), remember_me, me];
/// ```
pub struct RememberMe {
    shared: Shared,
}

impl RememberMe {
    /// Remembers browsers in a store. The function looks up a principal by its id; `None` if it is not to be signed in any more, and
    /// then the browser is forgotten.
    #[must_use]
    pub fn new<F, Fut>(store: impl RememberStore, find: F) -> Self
    where
        F: Fn(String) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Option<Principal>>> + Send + 'static,
    {
        let shared = Shared {
            store: Arc::new(store),
            cookie: CookieOptions::new(NAMES, 30 * DAY),
            find: Box::new(move |id| Box::pin(find(id))),
            on_theft: None,
            clock: Box::new(Timestamp::now),
            grace: MINUTE,
            store_timeout: Duration::from_secs(5),
            sweeps: Sweeps::new(60 * MINUTE),
        };
        RememberMe { shared }
    }

    cookie_setters!("remember");

    /// Sets how long a browser is remembered after it was signed in the last time: by default 30 days. It is the cookie's `Max-Age`, too.
    #[must_use]
    pub fn max_age(mut self, lifetime: Duration) -> Self {
        self.shared.cookie.max_age = lifetime;
        self
    }

    /// Sets how long a token is valid after another one has replaced it: by default 1 minute. The series keeps its token for so long.
    #[must_use]
    pub fn grace(mut self, time: Duration) -> Self {
        self.shared.grace = time;
        self
    }

    /// Sets a function that gets the id of an owner whose cookie was copied, after the sessions have ended: to tell the owner. By default
    /// there is none. It should not wait: start a task for what takes time.
    #[must_use]
    pub fn on_theft(mut self, then: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.shared.on_theft = Some(Box::new(then));
        self
    }

    /// Sets after what time a store that does not answer has failed: by default 5 seconds for each operation.
    #[must_use]
    pub fn store_timeout(mut self, timeout: Duration) -> Self {
        self.shared.store_timeout = timeout;
        self
    }

    /// Sets how often expired series are removed from the store: by default at startup, and every hour from then on, in the
    /// background. Where the app is not started ([`App::start`](connect::App::start)), a request that changes one has it done, in a
    /// task of its own.
    #[must_use]
    pub fn sweep_every(mut self, interval: Duration) -> Self {
        self.shared.sweeps.every = interval;
        self
    }

    /// Sets the clock: by default that of the system. Tests of what expires put one of their own here.
    #[must_use]
    pub fn clock(mut self, clock: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        self.shared.clock = Box::new(clock);
        self
    }
}

impl fmt::Debug for RememberMe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RememberMe").field("cookie", &self.shared.cookie).finish_non_exhaustive()
    }
}

impl IntoLayer for RememberMe {
    type Layer = Stated<Declared<RememberMeLayer, Declares<(Sessions,), (Browser,)>>, RememberMeFacts>;

    /// # Panics
    /// If browsers would refuse the cookie: its name begins with `__Host-` or `__Secure-`, and it is set not to be secure; its name begins
    /// with `__Host-`, and the path is not `/`. If the path has a `;` or a control character.
    fn into_layer(self) -> Self::Layer {
        self.shared.cookie.check();
        Stated::new(Declared::new(RememberMeLayer { shared: Arc::new(self.shared) }))
    }
}

/// The facts of [`RememberMe`].
#[derive(Debug)]
pub struct RememberMeFacts;

impl StatesFacts for RememberMeFacts {
    const FACTS: Facts = Facts::of("RememberMe").states(&[SIGNS_IN]).laws(&[
        INSIDE_OF_SESSIONS,
        REMEMBER_ME_OUTSIDE_OF_AUTHENTICATION,
        AUTHENTICATION_OUTSIDE_OF_BODY_READERS,
    ]);
}

/// What [`RememberMe`] becomes in a list.
pub struct RememberMeLayer {
    shared: Arc<Shared>,
}

impl fmt::Debug for RememberMeLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RememberMeLayer").field("cookie", &self.shared.cookie).finish_non_exhaustive()
    }
}

impl Layer for RememberMeLayer {
    async fn run<R: Rest>(&self, req: &mut Request, res: &mut Response, next: Next<(), R>) -> Result {
        let secure = self.shared.cookie.is_secure(req);
        self.shared.cookie.warn_once(req, secure);
        // That it is there is declared, and so checked by the compiler.
        let Some(sessions) = req.provided::<Sessions>().cloned() else {
            return next.fail(Error::msg("there is no layer `Session` above `RememberMe`"));
        };
        let browser = Browser::new(&self.shared, sessions, req, secure);
        req.provide(browser.clone());
        if browser.has_cookie() {
            // The new token gets to the client whatever becomes of the request: without it, the next one would look like a theft.
            let hooked = browser.clone();
            res.before_head(async move |res| {
                hooked.leave_if_dropped().await;
                finish(&hooked, res);
                Ok(())
            });
            browser.enter().await;
        }
        let mut below = Below { browser: &browser, is_done: false };
        let done = next.run(req, res).await;
        below.is_done = true;
        browser.leave().await;
        if !browser.has_cookie() {
            finish(&browser, res);
        }
        Ok(done)
    }

    fn name(&self) -> &str {
        "RememberMe"
    }

    fn on_startup(&self, startup: &mut Startup) {
        startup.spawn(Arc::clone(&self.shared).keep_sweeping());
    }
}

/// Puts the cookie into the response.
fn finish(browser: &Browser, res: &mut Response) {
    let Some((cookie, is_set)) = browser.seal() else { return };
    keep_private(res);
    if is_set {
        res.cookie(cookie);
    } else {
        res.clear_cookie(cookie);
    }
}
