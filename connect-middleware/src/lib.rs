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
//! | `compression` | `compression` | `compression` | Zstandard in place of `deflate`; not for events and parts; weak validators; for all layers the body is as the route made it |
//! | `cookie-session` | `cookie_session` | `cookie-session` | typed and encrypted; a replayed cookie ends; a cookie that is too large is an error |
//! | `csurf` | [`csrf`] | `csrf` | by `Sec-Fetch-Site` and `Origin` in place of tokens |
//! | `csurf` | `csrf::token` | `csrf-token` | tokens in the session, masked, another one after login |
//! | `errorhandler` | `error_page` | `error-page` | knows the environment; shows the layer, the line and the way to it; RFC 9457's problems as JSON |
//! | `express-basic-auth` | [`auth`] | `auth` | a function knows the credentials, and its value is provided |
//! | `express-jwt` | `jwt` | `jwt` | each key has its algorithm; audience and expiry are required; claims are a type |
//! | `serve-static` | `embedded` | `embedded` | the files of a folder in the binary, compressed when it is built |
//! | `helmet` | [`helmet`] | `helmet` | values are types; nonces are a method |
//! | `express-validator` | `valid` | `valid` | the rules are of the type (`garde`); the errors are a problem, or go back into the form |
//! | `@godaddy/terminus` | `health` | `health` | liveness and readiness with checks, on the same server |
//! | `vhost` | [`hosts`] | `hosts` | the first layer of a router; [`AllowedHosts`](hosts::AllowedHosts) beside it |
//! | `express-ipfilter` | [`ip_filter`] | `ip-filter` | a constructor in place of `mode` |
//! | `http-proxy-middleware` | `proxy` | `proxy`, `proxy-tls` | clients cannot forge `X-Forwarded-*`; the target's `Host` by default; nothing is buffered |
//! | `express-rate-limit` | [`rate_limit`] | `rate-limit` | requests come back evenly, with no windows; IPv6 by 56 bits; shared through Redis with `rate-limit-redis` |
//! | | `concurrency_limit` | `concurrency-limit` | a limit of requests at the same time, and a queue for others |
//! | `connect-timeout` | `timeout` | `timeout` | the handler is canceled; a response that has begun is cut only where `whole_response` asks for it |
//! | | `load_shed` | `load-shed` | a limit of requests at the same time |
//! | | `idempotency_key` | `idempotency-key` | the response of a `POST` or `PATCH` that is sent again |
//! | `express-session` | [`session`] | `session` | typed parts; two requests lose nothing of each other; a change is stored before the response |
//! | | `maintenance` | `maintenance` | a switch that answers all requests with a 503 |
//! | `method-override` | `method_override` | `method-override` | from `POST` alone; a form stays readable; no `CONNECT`, no `TRACE` |
//! | `express-request-id` | `request_id` | `request-id` | ids of trusted proxies alone are taken over |
//! | `response-time` | `response_time` | `response-time` | `Server-Timing` too |
//! | `serve-favicon` | `favicon` | `favicon` | read when the layer is made; the type is that of the content |
//! | `serve-index` | `serve_index` | `serve-index` | one page, whose columns can be sorted, under a strict policy; other methods go on |
//! | `multer` | `uploads` | `uploads` | the type is that of the content; files that are not kept go away; all limits have a default |
//! | `passport-remember-me` | `remember_me` | `remember-me` | tokens rotate, and an old one is a theft; two tabs at the same time are not |
//! | `morgan` | `logger` | `logger` | formats are checked when the app is built; the line says how the response ended |
//! | `express-prom-bundle` | `metrics` | `metrics` | routes are labels, paths never; measured until the end of the response |
//! | `@opentelemetry/instrumentation-express` | `trace` | `trace` | one span for each request; a client's `traceparent` has to be trusted |
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
#[cfg(any(feature = "cookie-session", feature = "session"))]
mod cookie_options;
#[cfg(feature = "cookie-session")]
pub mod cookie_session;
#[cfg(feature = "cors")]
pub mod cors;
#[cfg(feature = "csrf")]
pub mod csrf;
#[cfg(feature = "embedded")]
pub mod embedded;
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
#[cfg(any(feature = "error-page", feature = "valid"))]
pub mod problem;
#[cfg(feature = "proxy")]
pub mod proxy;
#[cfg(any(feature = "request-id", feature = "trace"))]
mod random;
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
#[cfg(feature = "session")]
mod sweep;
#[cfg(feature = "timeout")]
pub mod timeout;
#[cfg(feature = "trace")]
pub mod trace;
#[cfg(feature = "uploads")]
pub mod uploads;
#[cfg(feature = "valid")]
pub mod valid;
