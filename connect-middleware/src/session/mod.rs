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
//! costs no access of the store, and two small allocations.
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
//! | [`sweep_every`](Session::sweep_every) | `Duration` | 10 minutes | how often expired sessions are removed from the store, in the background |
//! | [`clock`](Session::clock) | function | the clock of the system | the present, for tests |
//!
//! The cookie is always `HttpOnly`. A response to a request that used its session has `Vary: Cookie`, and one that sets
//! the cookie has `Cache-Control: private`, unless the app has said something stricter, so that no cache gives it to other clients.
//!
//! The cookie is set on the final response, whatever that is: also on an error page, after a panic, and where a timeout above this
//! layer has dropped the handler. A login whose handler is dropped while the store is at work is waited for, for
//! [`store_timeout`](Session::store_timeout) at most: otherwise the client would be left with a token that is no longer one. A
//! client that disconnects in that moment has to sign in again, unless [`detached()`](connect::detached()) is above. A layer above
//! that removes the cookie does so in [`before_head`](connect::Response::before_head).
//!
//! Expired sessions are removed by a background task of the app's own server. Under another server
//! [`App::start`](connect::App::start) starts it; where the app is not started, requests that use their session spawn it.
//!
//! Behind a proxy that ends TLS, set [`trust_proxy`](connect::App::trust_proxy): otherwise requests count as not secure, and the
//! cookie is sent without `Secure`. Where the first request of an app, or the next one after a login, shows that cookies with `Secure`
//! cannot arrive, or that the proxy is not trusted, a warning is logged, once. Options that browsers refuse whatever the request
//! panic when the app is built.
//!
//! # Needs and provides
//! [`Session`] provides [`Sessions`] and states [`HAS_SESSIONS`](crate::facts::HAS_SESSIONS). [`require_login`] needs it, provides [`Principal`],
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
//! | nobody is signed in | 401, from [`require_login`], or a redirect to the page for it |
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

mod cookie;
mod error;
mod guard;
mod layer;
mod memory;
#[cfg(test)]
mod model;
mod options;
mod parts;
#[cfg(feature = "session-postgres")]
mod postgres;
#[cfg(feature = "session-redis")]
mod redis;
mod request;
mod sessions;
mod shared;
#[cfg(feature = "session-sqlite")]
mod sqlite;
mod store;
#[cfg(test)]
mod suite;
mod timestamp;
mod token;

pub use self::error::SessionError;
pub use self::guard::{
    RequireLogin, RequireLoginFacts, RequireLoginLayer, RequireRole, RequireRoleFacts, RequireRoleLayer,
    local_path, require_login, require_role,
};
pub use self::layer::{SessionFacts, SessionLayer};
pub use self::memory::MemoryStore;
pub use self::options::{Session, StoreFailure};
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
