//! The limit that several processes share.

use std::fmt;

use connect::{Error, Layer, Next, Request, Response, Rest, Result, Startup};
use http::StatusCode;
use http::header;

use super::RateLimit;
use super::key::By;
use super::policy::{Policy, beyond};
use super::redis::{Answer, RedisLimits, Window};
use crate::preflight::is_preflight;

/// What becomes of requests when Redis fails, or does not answer in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnFailure {
    /// They go on, and are not limited.
    GoOn,
    /// They are refused: an error with status 503 on the error track.
    Refuse,
}

/// A limit that is counted in Redis: what [`RateLimit::shared`] returns.
pub struct SharedRateLimit<By> {
    pub(super) limit: RateLimit<By>,
    pub(super) limits: RedisLimits,
    pub(super) on_failure: OnFailure,
}

impl<By: fmt::Debug> fmt::Debug for SharedRateLimit<By> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let SharedRateLimit { limit, limits, on_failure } = self;
        f.debug_struct("SharedRateLimit")
            .field("limit", limit)
            .field("limits", limits)
            .field("on_failure", on_failure)
            .finish()
    }
}

/// What [`SharedRateLimit`] becomes in a list.
pub struct SharedRateLimitLayer<By> {
    limits: RedisLimits,
    on_failure: OnFailure,
    policy: Policy,
    window: Window,
    by: By,
}

impl<By> SharedRateLimitLayer<By> {
    pub(super) fn new(shared: SharedRateLimit<By>) -> Self {
        let SharedRateLimit { limit: RateLimit { requests, time, name, by }, limits, on_failure } = shared;
        let policy = Policy::new(requests, time, name);
        let window = limits.window(&policy);
        SharedRateLimitLayer { limits, on_failure, policy, window, by }
    }
}

impl<By> fmt::Debug for SharedRateLimitLayer<By> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedRateLimitLayer")
            .field("policy", &self.policy)
            .field("limits", &self.limits)
            .field("on_failure", &self.on_failure)
            .finish_non_exhaustive()
    }
}

impl<B: By> Layer for SharedRateLimitLayer<B> {
    async fn run<R: Rest>(&self, req: &mut Request, res: &mut Response, next: Next<(), R>) -> Result {
        if is_preflight(req) {
            return next.pass();
        }
        let Some(key) = self.by.key(req) else { return next.pass() };
        self.policy.announce(res);
        match self.limits.count(&self.window, &key).await {
            Some(Answer::Within(left)) => {
                self.policy.tell(left, res);
                next.pass()
            }
            Some(Answer::Beyond(wait)) => {
                self.policy.tell(0, res);
                next.fail(beyond(wait))
            }
            None if self.on_failure == OnFailure::GoOn => next.pass(),
            None => {
                let err = Error::new(StatusCode::SERVICE_UNAVAILABLE, "requests cannot be counted");
                next.fail(err.with_header(header::RETRY_AFTER, 1))
            }
        }
    }

    fn name(&self) -> &str {
        "RateLimit"
    }
    fn on_startup(&self, startup: &mut Startup) {
        self.by.on_startup(startup);
    }
}
