//! Points in time, as stores keep them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A point in time: milliseconds since 1970, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(u64);

impl Timestamp {
    /// The present, by the clock of the system.
    #[must_use]
    pub fn now() -> Self {
        Timestamp(millis(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()))
    }

    /// The point so many milliseconds after 1970 began.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Timestamp(millis)
    }

    /// The milliseconds since 1970 began.
    #[must_use]
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// The point so much later. Stores keep these numbers with a sign, so there is none that would not fit.
    #[must_use]
    pub(crate) fn after(self, duration: Duration) -> Self {
        Timestamp(self.0.saturating_add(millis(duration)).min(i64::MAX.unsigned_abs()))
    }

    /// How long after another point it is: nothing if it is before.
    #[must_use]
    pub(super) fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }
}

fn millis(duration: Duration) -> u64 {
    duration.as_millis().try_into().unwrap_or(u64::MAX)
}
