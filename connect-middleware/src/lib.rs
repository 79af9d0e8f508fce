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
//! | `express-session` | [`session`] | `session` | typed parts; two requests lose nothing of each other; a change is stored before the response |
//! | `connect-flash` | [`session`] | `session` | a message is read once, by two requests at the same time as well |
//!
//! Body readers, cookies and static files are in [`connect`] itself.
#![forbid(unsafe_code)]

pub mod facts;

#[cfg(feature = "cors")]
pub mod cors;

#[cfg(feature = "session")]
pub mod session;
