//! A limit of requests in a time, for each client.
//!
//! ```
//! use connect::{app, post};
//! use connect_middleware::rate_limit::RateLimit;
//! use std::time::Duration;
//!
//! #[post("/sign-in")]
//! fn sign_in() -> &'static str {
//!     "welcome"
//! }
//!
//! let app = app![
//!     RateLimit::new(100, Duration::from_secs(60)),
//!     "/sign-in" => [RateLimit::new(5, Duration::from_secs(60)).name("sign-in")],
//!     sign_in,
//! ];
//! ```
//!
//! A client may send all of its requests at once; they come back one by one, evenly over the time (the generic cell rate algorithm,
//! of the crate `governor`). So no client gets twice the limit around the end of a window.
//!
//! # Options
//! | option | type | default | effect |
//! |---|---|---|---|
//! | [`RateLimit::new`] | number, `Duration` | | so many requests in this time, of each address |
//! | [`by`](RateLimit::by) | function | the address | what is counted together: a user, a token; a request with `None` is not limited |
//! | [`name`](RateLimit::name) | text | `default` | the name of the policy in the headers, and in Redis |
//! | `shared` | `RedisLimits`, `OnFailure` | in memory | counts in Redis; what becomes of requests when Redis fails |
//! | `RedisLimits::timeout` | `Duration` | 250 ms | a Redis that does not answer for so long has failed |
//! | `RedisLimits::prefix` | text | `connect:rate-limit:` | what the keys in Redis begin with |
//!
//! The address is [`req.ip()`](connect::Request::ip). Of an IPv6 address the first 56 bits count, since that is what one customer gets. Behind
//! a proxy all clients have the proxy's address until [`App::trust_proxy`](connect::App::trust_proxy) names it; with
//! [`TrustProxy::all`](connect::TrustProxy::all) clients choose their address themselves, and nobody is limited: a
//! warning is logged at startup, by the app's own server and by [`App::start`](connect::App::start). Requests without an address, as on a Unix socket, count together.
//!
//! Preflights (`OPTIONS` with `Origin` and `Access-Control-Request-Method`) are free.
//!
//! By default counters are in memory, of this process alone. A key costs about 50 bytes, and is removed within twice the time after its last request
//! where the app's own server runs, or [`App::start`](connect::App::start) was called.
//!
//! # Several processes
//! With the feature `rate-limit-redis`, processes count together in Redis 5 or newer, or in Valkey:
//!
//! ```
//! # #[cfg(feature = "rate-limit-redis")]
//! # async fn example() -> connect::Result<()> {
//! use connect::app;
//! use connect_middleware::rate_limit::{OnFailure, RateLimit, RedisLimits};
//! use std::time::Duration;
//!
//! let redis = RedisLimits::new("redis://127.0.0.1/")?.timeout(Duration::from_millis(100));
//! let minute = Duration::from_secs(60);
//! let app = app![
//!     RateLimit::new(100, minute).shared(redis.clone(), OnFailure::GoOn),
//!     "/sign-in" => [RateLimit::new(5, minute).name("sign-in").shared(redis, OnFailure::Refuse)],
//! ];
//! # Ok(())
//! # }
//! ```
//!
//! Limits, headers and errors are the same as in memory. Each request is one round trip, with an atomic script. The time is that of
//! Redis, so the clocks of the machines need not agree. Limits that differ in name, number or time do not share counters. Redis
//! removes a key when all of its requests are back. Keys from [`by`](RateLimit::by) are stored as they are: do not count by secrets.
//!
//! While Redis fails, one request at a time tries it again, and the others do not wait. A warning is logged at most every 10 seconds.
//!
//! # Needs and provides
//! Nothing. It states [`REFUSES`]; by address also [`LIMITS_BY_ADDRESS`], with the law
//! `address_limits_outside_of_authentication`.
//!
//! # What goes wrong
//! A request beyond the limit is a 429 on the error track, with `Retry-After` in seconds. Every response has `RateLimit-Policy` and
//! `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10): `"default";q=100;w=60` and `"default";r=99;t=1`, what is left and the seconds until
//! all of it is back.
//!
//! When Redis fails, `OnFailure::GoOn` lets requests go on, without the header `RateLimit`; with `OnFailure::Refuse` they are a 503 on the
//! error track, with `Retry-After: 1`.
//!
//! # Differences from `express-rate-limit`
//! - The number and the time have no defaults.
//! - No fixed windows, as above. No `X-RateLimit-` headers.
//! - `skip` and `keyGenerator` are [`by`](RateLimit::by); `skipSuccessfulRequests` and `skipFailedRequests` are not here.
//! - The store that processes share is Redis. What happens when it fails (`passOnStoreError`) has no default.
//! - `handler` and `message` are an error handler's.

mod key;
mod memory;
mod policy;
#[cfg(feature = "rate-limit-redis")]
mod redis;
#[cfg(feature = "rate-limit-redis")]
mod shared;

use connect::{Facts, IntoLayer, Request, Stated, StatesFacts};
use std::fmt;
use std::num::NonZeroU32;
use std::time::Duration;

use crate::facts::{ADDRESS_LIMITS_OUTSIDE_OF_AUTHENTICATION, LIMITS_BY_ADDRESS, REFUSES};

pub use self::key::{Address, Chosen};
pub use self::memory::RateLimitLayer;
#[cfg(feature = "rate-limit-redis")]
pub use self::redis::RedisLimits;
#[cfg(feature = "rate-limit-redis")]
pub use self::shared::{OnFailure, SharedRateLimit, SharedRateLimitLayer};

/// 100 years: clocks that count nanoseconds in 64 bits end after 584.
const LONGEST: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// Limits requests; `By` says what is counted together.
pub struct RateLimit<By = Address> {
    requests: NonZeroU32,
    time: Duration,
    name: String,
    by: By,
}

impl RateLimit {
    /// So many requests in this time, of each address. A time of more than 100 years counts as 100 years.
    ///
    /// # Panics
    /// If there is no request, or no time, or more than a request in a nanosecond.
    #[must_use]
    pub fn new(requests: u32, time: Duration) -> Self {
        let Some(requests) = NonZeroU32::new(requests) else { panic!("a limit allows at least one request") };
        assert!(
            time >= Duration::from_nanos(requests.get().into()),
            "{time:?} is too short a time for {requests} requests"
        );
        let time = time.min(LONGEST);
        RateLimit { requests, time, name: "default".to_owned(), by: Address::new() }
    }

    /// Counts requests together for which a function returns the same key. A request with `None` is not limited.
    ///
    /// Keys are kept in memory: where the client chooses them, as with a header, it chooses how many there are.
    #[must_use]
    pub fn by(self, key: impl Fn(&Request) -> Option<String> + Send + Sync + 'static) -> RateLimit<Chosen> {
        let RateLimit { requests, time, name, .. } = self;
        RateLimit { requests, time, name, by: Chosen::new(key) }
    }
}

impl<By> RateLimit<By> {
    /// Sets the name of the policy in `RateLimit-Policy`: by default `default`. Two limits on the way of a request need two names.
    ///
    /// # Panics
    /// If it has a quote, a backslash or what is no visible ASCII.
    #[must_use]
    pub fn name(mut self, name: &str) -> Self {
        let is_plain = |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
        assert!(name.bytes().all(is_plain), "`{name}` has a character that the name of a policy cannot have");
        name.clone_into(&mut self.name);
        self
    }

    /// Counts in Redis, together with all processes that have a limit of the same name, number and time there. Needs the
    /// feature `rate-limit-redis`.
    ///
    /// `on_failure` says what becomes of requests when Redis fails or does not answer in time. It has no default, since one
    /// choice limits nobody then, and the other refuses everybody.
    ///
    /// # Panics
    /// If the time is less than a microsecond for each request.
    #[cfg(feature = "rate-limit-redis")]
    #[must_use]
    pub fn shared(self, limits: RedisLimits, on_failure: OnFailure) -> SharedRateLimit<By> {
        let RateLimit { requests, time, .. } = &self;
        assert!(
            time.as_micros() >= requests.get().into(),
            "{time:?} is too short a time for {requests} requests that are counted in Redis"
        );
        SharedRateLimit { limit: self, limits, on_failure }
    }
}

impl<By: fmt::Debug> fmt::Debug for RateLimit<By> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let RateLimit { requests, time, name, by } = self;
        f.debug_struct("RateLimit")
            .field("requests", requests)
            .field("time", time)
            .field("name", name)
            .field("by", by)
            .finish()
    }
}

/// The facts of a [`RateLimit`] by address.
#[derive(Debug)]
pub struct AddressFacts;

impl StatesFacts for AddressFacts {
    const FACTS: Facts = Facts::of("RateLimit")
        .states(&[REFUSES, LIMITS_BY_ADDRESS])
        .laws(&[ADDRESS_LIMITS_OUTSIDE_OF_AUTHENTICATION]);
}

/// The facts of a [`RateLimit`] by a key.
#[derive(Debug)]
pub struct ChosenFacts;

impl StatesFacts for ChosenFacts {
    const FACTS: Facts = Facts::of("RateLimit").states(&[REFUSES]);
}

impl IntoLayer for RateLimit<Address> {
    type Layer = Stated<RateLimitLayer<Address>, AddressFacts>;

    fn into_layer(self) -> Self::Layer {
        Stated::new(RateLimitLayer::new(self))
    }
}

impl IntoLayer for RateLimit<Chosen> {
    type Layer = Stated<RateLimitLayer<Chosen>, ChosenFacts>;

    fn into_layer(self) -> Self::Layer {
        Stated::new(RateLimitLayer::new(self))
    }
}

#[cfg(feature = "rate-limit-redis")]
impl IntoLayer for SharedRateLimit<Address> {
    type Layer = Stated<SharedRateLimitLayer<Address>, AddressFacts>;

    fn into_layer(self) -> Self::Layer {
        Stated::new(SharedRateLimitLayer::new(self))
    }
}

#[cfg(feature = "rate-limit-redis")]
impl IntoLayer for SharedRateLimit<Chosen> {
    type Layer = Stated<SharedRateLimitLayer<Chosen>, ChosenFacts>;

    fn into_layer(self) -> Self::Layer {
        Stated::new(SharedRateLimitLayer::new(self))
    }
}
