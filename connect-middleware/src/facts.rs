//! What the middleware of this crate states about itself, for laws of your own layers.
//!
//! | fact | stated by |
//! |---|---|
//! | [`REFUSES`] | what answers requests of a browser with an error of its own: limits, guards, checks of origin and token |
//! | [`LIMITS_BY_ADDRESS`] | limits that are counted by the client's address |
//! | [`SIGNS_IN`] | what finds out who a request comes from |
//! | [`READS_BODY`] | [`body_parser`](connect::body_parser), `MethodOverride::form`: the whole body is read there, for the layers below |
//! | [`CHECKS_ORIGIN`] | what refuses requests of other sites by what browsers say about where they come from |
//! | [`HAS_SESSIONS`] | what provides sessions |
//!
//! | law | says |
//! |---|---|
//! | `cors_outside_of_refusals` | CORS stands outside of what states [`REFUSES`] |
//! | `address_limits_outside_of_authentication` | what states [`LIMITS_BY_ADDRESS`] stands outside of what states [`SIGNS_IN`] |
//! | `authentication_outside_of_body_readers` | what states [`SIGNS_IN`] stands outside of what states [`READS_BODY`] |
//! | `one_csrf_protection` | tokens against cross-site requests stand beside nothing that states [`CHECKS_ORIGIN`] |
//! | `health_outside_of_refusals` | health checks stand outside of what states [`REFUSES`] |
//! | `remember_me_outside_of_authentication` | `RememberMe` stands outside of what states [`SIGNS_IN`] |
//! | `request_ids_outside_of_refusals` | `RequestIds` stands outside of what states [`REFUSES`] |
//! | `maintenance_outside_of_authentication` | `Maintenance` stands outside of what states [`SIGNS_IN`] |
//! | `inside_of_sessions` | what keeps something in the session stands inside of what states [`HAS_SESSIONS`] |
//!
//! A list that has to break one says so: `app![#![allow(cors_outside_of_refusals)] ..]`.

use connect::{Fact, Law};

/// Answers requests of a browser with an error of its own.
pub const REFUSES: Fact = Fact::new("connect_middleware::refuses");

/// Limits requests by the client's address.
pub const LIMITS_BY_ADDRESS: Fact = Fact::new("connect_middleware::limits_by_address");

/// Finds out who a request comes from.
pub const SIGNS_IN: Fact = Fact::new("connect_middleware::signs_in");

#[doc(inline)]
pub use connect::body_parser::READS_BODY;

/// Refuses requests of other sites by what browsers say about where they come from.
pub const CHECKS_ORIGIN: Fact = Fact::new("connect_middleware::checks_origin");

/// Provides sessions.
pub const HAS_SESSIONS: Fact = Fact::new("connect_middleware::has_sessions");

/// CORS stands outside of what a browser gets an error from.
pub const CORS_OUTSIDE_OF_REFUSALS: Law = Law::outside_of(
    "cors_outside_of_refusals",
    REFUSES,
    "a browser hides the status and the text of an error without CORS headers from the page",
);

/// A limit by address stands outside of authentication.
pub const ADDRESS_LIMITS_OUTSIDE_OF_AUTHENTICATION: Law = Law::outside_of(
    "address_limits_outside_of_authentication",
    SIGNS_IN,
    "who guesses passwords is refused before the first one is checked",
);

/// Authentication stands outside of what reads whole bodies.
pub const AUTHENTICATION_OUTSIDE_OF_BODY_READERS: Law = Law::outside_of(
    "authentication_outside_of_body_readers",
    READS_BODY,
    "a request that is refused need not be read, and gets a 401 in place of an error about its body",
);

/// What is kept in the session stands inside of it.
pub const INSIDE_OF_SESSIONS: Law = Law::inside_of(
    "inside_of_sessions",
    HAS_SESSIONS,
    "what it keeps is in the session, which is not there yet",
);

/// Tokens against cross-site requests stand beside no other protection from them.
pub const ONE_CSRF_PROTECTION: Law = Law::apart_from(
    "one_csrf_protection",
    CHECKS_ORIGIN,
    "a request is checked twice; tokens are for browsers of before 2020, and `Csrf` for all others",
);

/// What signs in again stands outside of what refuses a request without a sign-in.
pub const REMEMBER_ME_OUTSIDE_OF_AUTHENTICATION: Law = Law::outside_of(
    "remember_me_outside_of_authentication",
    SIGNS_IN,
    "a guard refuses a client that would have been signed in again",
);

/// Health checks stand outside of what refuses requests.
pub const HEALTH_OUTSIDE_OF_REFUSALS: Law = Law::outside_of(
    "health_outside_of_refusals",
    REFUSES,
    "a probe that is refused takes a healthy process out of service",
);

/// Ids of requests stand outside of what a client gets an error from.
pub const REQUEST_IDS_OUTSIDE_OF_REFUSALS: Law = Law::outside_of(
    "request_ids_outside_of_refusals",
    REFUSES,
    "a request that is refused has no id, which its response and its line in the log are found by",
);

/// What answers while the app is being worked on stands outside of authentication.
pub const MAINTENANCE_OUTSIDE_OF_AUTHENTICATION: Law = Law::outside_of(
    "maintenance_outside_of_authentication",
    SIGNS_IN,
    "a client gets a 401, or the error of a database that is being worked on, in place of the 503",
);
