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
//! | [`name`](RateLimit::name) | text | `default` | the name of the policy in the headers |
//!
//! The address is [`req.ip()`](connect::Request::ip). Of an IPv6 address the first 56 bits count, since that is what one customer gets. Behind
//! a proxy all clients have the proxy's address until [`App::trust_proxy`](connect::App::trust_proxy) names it; with
//! [`TrustProxy::all`](connect::TrustProxy::all) clients choose their address themselves, and nobody is limited. Requests without an
//! address, as on a Unix socket, count together.
//!
//! Preflights (`OPTIONS` with `Origin` and `Access-Control-Request-Method`) are free.
//!
//! Counters are in memory, of this process alone. A key costs about 50 bytes, and is removed within twice the time after its last request
//! where the app's own server runs, or [`App::start`](connect::App::start) was called.
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
//! # Differences from `express-rate-limit`
//! - The number and the time have no defaults.
//! - No fixed windows, as above. No `X-RateLimit-` headers.
//! - `skip` and `keyGenerator` are [`by`](RateLimit::by); `skipSuccessfulRequests`, `skipFailedRequests` and stores that several processes
//!   share are not here.
//! - `handler` and `message` are an error handler's.

use connect::{
    Error, Facts, IntoLayer, Next, PlainFn, PlainLayer, Request, Response, Result, Startup, Stated,
    StatesFacts,
};
use governor::clock::{Clock as _, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};
use http::StatusCode;
use http::header::{self, HeaderName, HeaderValue};
use std::fmt;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use self::sealed::Key;
use crate::facts::{ADDRESS_LIMITS_OUTSIDE_OF_AUTHENTICATION, LIMITS_BY_ADDRESS, REFUSES};
use crate::preflight::is_preflight;

/// Limits requests; `By` says what is counted together.
pub struct RateLimit<By = Address> {
    requests: NonZeroU32,
    time: Duration,
    name: String,
    by: By,
}

/// Requests of one address are counted together.
#[derive(Debug)]
pub struct Address(());

/// Requests with one key are counted together.
pub struct Chosen(KeyOf);

type KeyOf = Box<dyn Fn(&Request) -> Option<String> + Send + Sync>;

impl fmt::Debug for Chosen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Chosen")
    }
}

impl RateLimit {
    /// So many requests in this time, of each address.
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
        RateLimit { requests, time, name: "default".to_owned(), by: Address(()) }
    }

    /// Counts requests together for which a function returns the same key. A request with `None` is not limited.
    ///
    /// Keys are kept in memory: where the client chooses them, as with a header, it chooses how many there are.
    #[must_use]
    pub fn by(self, key: impl Fn(&Request) -> Option<String> + Send + Sync + 'static) -> RateLimit<Chosen> {
        let RateLimit { requests, time, name, by: Address(()) } = self;
        RateLimit { requests, time, name, by: Chosen(Box::new(key)) }
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

    fn layer(self) -> RateLimitLayer<By> {
        let RateLimit { requests, time, name, by } = self;
        // A nanosecond at least, as `new` has checked.
        let quota = Quota::with_period(time / requests.get()).unwrap_or(Quota::per_second(requests));
        let quota = quota.allow_burst(requests);
        let policy = format!("\"{name}\";q={requests};w={}", time.as_secs().max(1));
        let policy = HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static(""));
        let limiter = RateLimiter::dashmap(quota).with_middleware();
        RateLimitLayer { limiter: Arc::new(limiter), requests, time, name, policy, by }
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
        Stated::new(self.layer())
    }
}

impl IntoLayer for RateLimit<Chosen> {
    type Layer = Stated<RateLimitLayer<Chosen>, ChosenFacts>;

    fn into_layer(self) -> Self::Layer {
        Stated::new(self.layer())
    }
}

impl Key {
    fn of(address: Option<IpAddr>) -> Self {
        match address.map(|address| address.to_canonical()) {
            Some(IpAddr::V4(address)) => Key::V4(address),
            Some(IpAddr::V6(address)) => Key::V6((address.to_bits() >> 72) as u64),
            None => Key::Unknown,
        }
    }
}

mod sealed {
    use std::net::Ipv4Addr;

    /// What requests are counted by.
    #[derive(Debug, Clone, PartialEq, Eq, Hash)]
    pub enum Key {
        V4(Ipv4Addr),
        /// The first 56 bits.
        V6(u64),
        Unknown,
        Text(String),
    }

    pub trait By: Send + Sync + 'static {
        /// What a request counts to, if it counts.
        fn key(&self, req: &connect::Request) -> Option<Key>;
    }
}

impl sealed::By for Address {
    fn key(&self, req: &Request) -> Option<Key> {
        Some(Key::of(req.ip()))
    }
}

impl sealed::By for Chosen {
    fn key(&self, req: &Request) -> Option<Key> {
        (self.0)(req).map(Key::Text)
    }
}

type Limiter = RateLimiter<Key, DefaultKeyedStateStore<Key>, DefaultClock, StateInformationMiddleware>;

/// What [`RateLimit`] becomes in a list.
pub struct RateLimitLayer<By> {
    limiter: Arc<Limiter>,
    requests: NonZeroU32,
    time: Duration,
    name: String,
    policy: HeaderValue,
    by: By,
}

impl<By> fmt::Debug for RateLimitLayer<By> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let RateLimitLayer { requests, time, name, .. } = self;
        f.debug_struct("RateLimitLayer")
            .field("requests", requests)
            .field("time", time)
            .field("name", name)
            .finish_non_exhaustive()
    }
}

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

impl<By: sealed::By> PlainLayer for RateLimitLayer<By> {
    fn run(&self, req: &mut Request, res: &mut Response, next: Next<(), PlainFn>) -> Result {
        if is_preflight(req) {
            return next.pass();
        }
        let Some(key) = self.by.key(req) else { return next.pass() };
        res.append(RATE_LIMIT_POLICY, self.policy.clone());
        match self.limiter.check_key(&key) {
            Ok(state) => {
                self.tell(state.remaining_burst_capacity(), res);
                next.pass()
            }
            Err(until) => {
                self.tell(0, res);
                let wait = until.wait_time_from(self.limiter.clock().now());
                let err = Error::new(StatusCode::TOO_MANY_REQUESTS, "too many requests");
                next.fail(err.with_header(header::RETRY_AFTER, seconds(wait)))
            }
        }
    }

    fn name(&self) -> &str {
        "RateLimit"
    }

    fn on_startup(&self, startup: &mut Startup) {
        let (limiter, time) = (Arc::clone(&self.limiter), self.time.max(Duration::from_secs(1)));
        startup.spawn(async move {
            loop {
                tokio::time::sleep(time).await;
                limiter.retain_recent();
                limiter.shrink_to_fit();
            }
        });
    }
}

impl<By> RateLimitLayer<By> {
    /// What is left, and when all of it is back.
    fn tell(&self, left: u32, res: &mut Response) {
        let used = self.requests.get().saturating_sub(left);
        let back = self.time.mul_f64(f64::from(used) / f64::from(self.requests.get()));
        res.append(RATE_LIMIT, format!("\"{}\";r={left};t={}", self.name, seconds(back)));
    }
}

/// Whole seconds, at least so long.
fn seconds(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use super::{Key, seconds};
    use std::time::Duration;

    #[test]
    fn addresses_of_one_customer_are_one_key() {
        let key = |text: &str| Key::of(Some(text.parse().unwrap()));
        assert_eq!(key("203.0.113.7"), key("::ffff:203.0.113.7"));
        assert_ne!(key("203.0.113.7"), key("203.0.113.8"));
        assert_eq!(key("2001:db8:0:1200::1"), key("2001:db8:0:12ff:ffff::9"));
        assert_ne!(key("2001:db8:0:1200::1"), key("2001:db8:0:1300::1"));
        assert_eq!(Key::of(None), Key::Unknown);
    }

    #[test]
    fn a_part_of_a_second_is_rounded_up() {
        assert_eq!(seconds(Duration::from_millis(1)), 1);
        assert_eq!(seconds(Duration::from_secs(2)), 2);
        assert_eq!(seconds(Duration::from_millis(2001)), 3);
    }
}
