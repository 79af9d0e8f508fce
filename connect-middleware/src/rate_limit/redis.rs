//! Counters in Redis.

use std::fmt::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Client, IntoConnectionInfo, RedisError, Script};

use super::key::Key;
use super::policy::Policy;

/// The generic cell rate algorithm. The value of a key is the time, in microseconds, at which all of its requests are back. All
/// numbers are whole and below 2^53, so that Lua's are exact.
const COUNT: &str = "
    local interval, requests = tonumber(ARGV[1]), tonumber(ARGV[2])
    local window = interval * requests
    local time = redis.call('TIME')
    local now = time[1] * 1000000 + time[2]
    local back = tonumber(redis.call('GET', KEYS[1]) or now)
    -- The clock may have been set back.
    back = math.min(math.max(back, now), now + window)
    local after = back + interval
    if after > now + window then return {-1, after - window - now} end
    redis.call('SET', KEYS[1], string.format('%.0f', after), 'PX', math.ceil((after - now) / 1000))
    return {math.floor((now + window - after) / interval), 0}
";

/// Where processes count requests together: Redis, or Valkey.
///
/// A clone uses the same connection. Needs the feature `rate-limit-redis`.
#[derive(Clone)]
pub struct RedisLimits {
    connection: ConnectionManager,
    prefix: String,
    timeout: Duration,
    script: Arc<Script>,
    health: Arc<Health>,
}

/// Whether Redis failed the last time, so that not every request waits until it fails again.
#[derive(Debug, Default)]
struct Health {
    failed: AtomicBool,
    /// Whether a request is asking a Redis that failed.
    asked: AtomicBool,
    warned: Mutex<Option<Instant>>,
}

const WARN_EVERY: Duration = Duration::from_secs(10);

/// The longest time that is counted: 35 years in microseconds, far below 2^53.
const LONGEST: u64 = 1 << 50;

/// A policy as Redis knows it.
#[derive(Debug)]
pub(super) struct Window {
    key: String,
    interval: u64,
    requests: u32,
}

/// What Redis says about a request.
#[derive(Debug)]
pub(super) enum Answer {
    /// So many are left.
    Within(u32),
    /// The time until one is back.
    Beyond(Duration),
}

impl RedisLimits {
    /// Counters at an address, as `redis://127.0.0.1/`. The connection is made by the first request, and again when it was lost.
    /// It is to be called in a tokio runtime.
    ///
    /// # Errors
    /// If it is no address of Redis.
    pub fn new(address: impl IntoConnectionInfo) -> connect::Result<Self> {
        // The next request tries again; this one does not wait for it.
        let config = ConnectionManagerConfig::new().set_number_of_retries(0);
        let client = Client::open(address)?;
        Ok(Self::with_connection(ConnectionManager::new_lazy_with_config(client, config)?))
    }

    /// Counters over a connection that the application has made, with its own options.
    #[must_use]
    pub fn with_connection(connection: ConnectionManager) -> Self {
        RedisLimits {
            connection,
            prefix: "connect:rate-limit:".to_owned(),
            timeout: Duration::from_millis(250),
            script: Arc::new(Script::new(COUNT)),
            health: Arc::default(),
        }
    }

    /// Sets after what time a Redis that does not answer has failed: by default 250 milliseconds. No request waits longer.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets what the keys in Redis begin with: by default `connect:rate-limit:`.
    #[must_use]
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// The name of a policy has no quotes, so two policies have no key in common.
    pub(super) fn window(&self, policy: &Policy) -> Window {
        let Policy { requests, time, name, .. } = policy;
        let micros = u64::try_from(time.as_micros()).unwrap_or(LONGEST).min(LONGEST);
        let key = format!("{}\"{name}\";{requests}/{micros}:", self.prefix);
        Window { key, interval: micros.div_ceil(requests.get().into()), requests: requests.get() }
    }

    /// Counts a request. `None` if Redis fails.
    pub(super) async fn count(&self, window: &Window, key: &Key) -> Option<Answer> {
        let _asks = if self.health.failed.load(Relaxed) { Some(self.health.ask()?) } else { None };
        let counted = tokio::time::timeout(self.timeout, self.invoke(window, key)).await;
        let why: &(dyn fmt::Display + Send + Sync) = match &counted {
            Ok(Ok((left, wait))) => {
                self.health.failed.store(false, Relaxed);
                return Some(match u32::try_from(*left) {
                    Ok(left) => Answer::Within(left),
                    Err(_) => Answer::Beyond(Duration::from_micros(*wait)),
                });
            }
            Ok(Err(err)) => err,
            Err(_) => &"it does not answer in time",
        };
        self.health.failed.store(true, Relaxed);
        self.health.warn(why);
        None
    }

    async fn invoke(&self, window: &Window, key: &Key) -> Result<(i64, u64), RedisError> {
        let mut name = window.key.clone();
        // Writing to a `String` does not fail.
        let _ = match key {
            Key::V4(address) => write!(name, "4:{address}"),
            Key::V6(network) => write!(name, "6:{network:014x}"),
            Key::Unknown => name.write_str("?"),
            Key::Text(text) => write!(name, "k:{text}"),
        };
        let mut invocation = self.script.key(name);
        invocation.arg(window.interval).arg(window.requests);
        invocation.invoke_async(&mut self.connection.clone()).await
    }
}

impl fmt::Debug for RedisLimits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisLimits")
            .field("prefix", &self.prefix)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

impl Health {
    /// Allows a request to ask, if no other one does.
    fn ask(&self) -> Option<Asks<'_>> {
        (!self.asked.swap(true, Relaxed)).then(|| Asks(self))
    }

    fn warn(&self, why: &dyn fmt::Display) {
        let mut warned = self.warned.lock().unwrap_or_else(PoisonError::into_inner);
        if warned.is_none_or(|at| at.elapsed() >= WARN_EVERY) {
            *warned = Some(Instant::now());
            tracing::warn!("requests cannot be counted in Redis: {why}");
        }
    }
}

/// A request that asks; also where it is dropped, the next one may.
struct Asks<'a>(&'a Health);

impl Drop for Asks<'_> {
    fn drop(&mut self) {
        self.0.asked.store(false, Relaxed);
    }
}
