//! A limit, and what clients are told about it.

use std::num::NonZeroU32;
use std::time::Duration;

use connect::{Error, Response};
use http::StatusCode;
use http::header::{self, HeaderName, HeaderValue};

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// So many requests in a time, and the name of the policy.
#[derive(Debug)]
pub(super) struct Policy {
    pub requests: NonZeroU32,
    pub time: Duration,
    pub name: String,
    header: HeaderValue,
}

impl Policy {
    pub(super) fn new(requests: NonZeroU32, time: Duration, name: String) -> Self {
        let header = format!("\"{name}\";q={requests};w={}", time.as_secs().max(1));
        let header = HeaderValue::try_from(header).unwrap_or(HeaderValue::from_static(""));
        Policy { requests, time, name, header }
    }

    /// Adds the limit itself to the response.
    pub(super) fn announce(&self, res: &mut Response) {
        res.append(RATE_LIMIT_POLICY, self.header.clone());
    }

    /// Adds what is left, and when all of it is back.
    pub(super) fn tell(&self, left: u32, res: &mut Response) {
        let used = self.requests.get().saturating_sub(left);
        let back = self.time.mul_f64(f64::from(used) / f64::from(self.requests.get()));
        res.append(RATE_LIMIT, format!("\"{}\";r={left};t={}", self.name, seconds(back)));
    }
}

/// The error of a request beyond the limit.
pub(super) fn beyond(wait: Duration) -> Error {
    let err = Error::new(StatusCode::TOO_MANY_REQUESTS, "too many requests");
    err.with_header(header::RETRY_AFTER, seconds(wait))
}

/// Whole seconds, at least so long.
fn seconds(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use super::seconds;
    use std::time::Duration;

    #[test]
    fn a_part_of_a_second_is_rounded_up() {
        assert_eq!(seconds(Duration::from_millis(1)), 1);
        assert_eq!(seconds(Duration::from_secs(2)), 2);
        assert_eq!(seconds(Duration::from_millis(2001)), 3);
    }
}
