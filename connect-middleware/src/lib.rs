//! Middleware for [`connect`]: what Express's guide lists as built-in and third-party, one module and one Cargo feature each.
//!
//! All of it uses the public API of `connect` alone, and says where it has to stand: a list that breaks one of the
//! [laws](facts) does not compile.
//!
//! ```
//! use connect::{app, get};
//! use connect_middleware::cors::Cors;
//!
//! #[get("/")]
//! fn index() -> &'static str {
//!     "hello"
//! }
//!
//! let app = app![Cors::origins(["https://app.example.com"]).credentials(), index];
//! ```
//!
//! | Express | here | feature | differences |
//! |---|---|---|---|
//! | `cookie-session` | [`cookie_session`] | `cookie-session` | typed and encrypted; a replayed cookie ends; a cookie that is too large is an error |
//! | `cors` | [`cors`] | `cors` | `*` and credentials cannot be said together; `OPTIONS` that is no preflight goes on |
//! | `csurf` | [`csrf`] | `csrf` | by `Sec-Fetch-Site` and `Origin` in place of tokens |
//! | `express-basic-auth` | [`auth`] | `auth` | a function knows the credentials, and its value is provided |
//! | `helmet` | [`helmet`] | `helmet` | values are types; nonces are a method |
//! | `vhost` | [`hosts`] | `hosts` | the first layer of a router; [`AllowedHosts`](hosts::AllowedHosts) beside it |
//! | `express-ipfilter` | [`ip_filter`] | `ip-filter` | a constructor in place of `mode` |
//! | `express-rate-limit` | [`rate_limit`] | `rate-limit` | requests come back evenly, with no windows; IPv6 by 56 bits |
//! | `express-session` | [`session`] | `session` | typed parts; two requests lose nothing of each other; a change is stored before the response |
//! | `passport-remember-me` | [`remember_me`] | `remember-me` | tokens rotate, and an old one is a theft; two tabs at the same time are not |
//! | `connect-flash` | [`session`] | `session` | a message is read once, by two requests at the same time as well |
//!
//! Body readers, cookies and static files are in [`connect`] itself.
#![forbid(unsafe_code)]

pub mod facts;

#[cfg(feature = "auth")]
pub mod auth;
#[cfg(any(feature = "cookie-session", feature = "remember-me"))]
mod cookie_options;
#[cfg(feature = "cookie-session")]
pub mod cookie_session;
#[cfg(feature = "cors")]
pub mod cors;
#[cfg(feature = "csrf")]
pub mod csrf;
#[cfg(feature = "helmet")]
pub mod helmet;
#[cfg(feature = "hosts")]
pub mod hosts;
#[cfg(feature = "idempotency-key")]
pub mod idempotency_key;
#[cfg(feature = "ip-filter")]
pub mod ip_filter;
#[cfg(feature = "jwt")]
pub mod jwt;
#[cfg(feature = "load-shed")]
pub mod load_shed;
#[cfg(any(feature = "cors", feature = "csrf"))]
mod origin;
#[cfg(any(feature = "cors", feature = "rate-limit"))]
mod preflight;
#[cfg(feature = "rate-limit")]
pub mod rate_limit;
#[cfg(feature = "remember-me")]
pub mod remember_me;
#[cfg(feature = "session")]
pub mod session;
