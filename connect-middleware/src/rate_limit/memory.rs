//! Counters in the memory of this process.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use connect::{Next, PlainFn, PlainLayer, Request, Response, Result, Startup};
use governor::clock::{Clock as _, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};

use super::RateLimit;
use super::key::{By, Key};
use super::policy::{Policy, beyond};
use crate::preflight::is_preflight;

type Limiter = RateLimiter<Key, DefaultKeyedStateStore<Key>, DefaultClock, StateInformationMiddleware>;

/// What [`RateLimit`] becomes in a list.
pub struct RateLimitLayer<By> {
    limiter: Arc<Limiter>,
    policy: Policy,
    by: By,
}

impl<By> RateLimitLayer<By> {
    pub(super) fn new(limit: RateLimit<By>) -> Self {
        let RateLimit { requests, time, name, by } = limit;
        // A nanosecond at least, as `RateLimit::new` has checked.
        let quota = Quota::with_period(time / requests.get()).unwrap_or(Quota::per_second(requests));
        let limiter = RateLimiter::dashmap(quota.allow_burst(requests)).with_middleware();
        RateLimitLayer { limiter: Arc::new(limiter), policy: Policy::new(requests, time, name), by }
    }
}

impl<By> fmt::Debug for RateLimitLayer<By> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RateLimitLayer").field("policy", &self.policy).finish_non_exhaustive()
    }
}

impl<B: By> PlainLayer for RateLimitLayer<B> {
    fn run(&self, req: &mut Request, res: &mut Response, next: Next<(), PlainFn>) -> Result {
        if is_preflight(req) {
            return next.pass();
        }
        let Some(key) = self.by.key(req) else { return next.pass() };
        self.policy.announce(res);
        match self.limiter.check_key(&key) {
            Ok(state) => {
                self.policy.tell(state.remaining_burst_capacity(), res);
                next.pass()
            }
            Err(until) => {
                self.policy.tell(0, res);
                next.fail(beyond(until.wait_time_from(self.limiter.clock().now())))
            }
        }
    }

    fn name(&self) -> &str {
        "RateLimit"
    }

    fn on_startup(&self, startup: &mut Startup) {
        self.by.on_startup(startup);
        let (limiter, time) = (Arc::clone(&self.limiter), self.policy.time.max(Duration::from_secs(1)));
        startup.spawn(async move {
            loop {
                tokio::time::sleep(time).await;
                limiter.retain_recent();
                limiter.shrink_to_fit();
            }
        });
    }
}
