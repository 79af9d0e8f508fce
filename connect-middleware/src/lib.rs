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
//! | `cors` | [`cors`] | `cors` | `*` and credentials cannot be said together; `OPTIONS` that is no preflight goes on |
//! | `cookie-session` | `cookie_session` | `cookie-session` | typed and encrypted; a replayed cookie ends; a cookie that is too large is an error |
//! | `csurf` | [`csrf`] | `csrf` | by `Sec-Fetch-Site` and `Origin` in place of tokens |
//! | `csurf` | `csrf::token` | `csrf-token` | tokens in the session, masked, another one after login |
//! | `express-basic-auth` | [`auth`] | `auth` | a function knows the credentials, and its value is provided |
//! | `express-jwt` | `jwt` | `jwt` | each key has its algorithm; audience and expiry are required; claims are a type |
//! | `helmet` | [`helmet`] | `helmet` | values are types; nonces are a method |
//! | `vhost` | [`hosts`] | `hosts` | the first layer of a router; [`AllowedHosts`](hosts::AllowedHosts) beside it |
//! | `express-ipfilter` | [`ip_filter`] | `ip-filter` | a constructor in place of `mode` |
//! | `http-proxy-middleware` | `proxy` | `proxy` | clients cannot forge `X-Forwarded-*`; the target's `Host` by default; nothing is buffered |
//! | `express-rate-limit` | [`rate_limit`] | `rate-limit` | requests come back evenly, with no windows; IPv6 by 56 bits; shared through Redis with `rate-limit-redis` |
//! | | `load_shed` | `load-shed` | a limit of requests at the same time |
//! | | `idempotency_key` | `idempotency-key` | the response of a `POST` or `PATCH` that is sent again |
//! | `express-session` | [`session`] | `session` | typed parts; two requests lose nothing of each other; a change is stored before the response |
//! | `passport-remember-me` | `remember_me` | `remember-me` | tokens rotate, and an old one is a theft; two tabs at the same time are not |
//! | `connect-flash` | [`session`] | `session` | a message is read once, by two requests at the same time as well |
//!
//! Body readers, cookies and static files are in [`connect`] itself.
#![forbid(unsafe_code)]

pub mod facts;

#[cfg(feature = "auth")]
pub mod auth;
#[cfg(feature = "compression")]
pub mod compression;
#[cfg(feature = "concurrency-limit")]
pub mod concurrency_limit;
#[cfg(any(feature = "cookie-session", feature = "remember-me"))]
mod cookie_options;
#[cfg(feature = "cookie-session")]
pub mod cookie_session;
#[cfg(feature = "cors")]
pub mod cors;
#[cfg(feature = "csrf")]
pub mod csrf;
#[cfg(feature = "error-page")]
pub mod error_page;
#[cfg(feature = "favicon")]
pub mod favicon;
#[cfg(feature = "health")]
pub mod health;
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
#[cfg(feature = "logger")]
pub mod logger;
#[cfg(feature = "maintenance")]
pub mod maintenance;
#[cfg(feature = "method-override")]
pub mod method_override;
#[cfg(feature = "metrics")]
pub mod metrics;
#[cfg(any(feature = "cors", feature = "csrf"))]
mod origin;
#[cfg(any(feature = "cors", feature = "rate-limit"))]
mod preflight;
#[cfg(feature = "proxy")]
pub mod proxy;
#[cfg(feature = "rate-limit")]
pub mod rate_limit;
#[cfg(feature = "remember-me")]
pub mod remember_me;
#[cfg(feature = "request-id")]
pub mod request_id;
#[cfg(feature = "response-time")]
pub mod response_time;
#[cfg(feature = "serve-index")]
pub mod serve_index;
#[cfg(feature = "session")]
pub mod session;
#[cfg(feature = "session-sqlite")]
mod sqlite;
#[cfg(feature = "timeout")]
pub mod timeout;
#[cfg(feature = "trace")]
pub mod trace;
#[cfg(feature = "uploads")]
pub mod uploads;
#[cfg(feature = "valid")]
pub mod valid;
