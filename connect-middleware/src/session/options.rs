//! The options of the layer.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use connect::{Declared, Declares, IntoLayer, Stated};

use super::layer::{SessionFacts, SessionLayer};
use super::sessions::Sessions;
use super::shared::Shared;
use super::store::Store;
use super::timestamp::Timestamp;
use crate::cookie_options::{CookieOptions, DefaultNames, cookie_setters};
use crate::sweep::Sweeps;

/// What a route that only reads its session gets when the store fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum StoreFailure {
    /// An error with status 503.
    #[default]
    Refuse,
    /// The defaults of the parts, as of a visitor without a session, and a warning is logged. Changes and guards fail with status
    /// 503 all the same.
    ReadDefaults,
}

/// The layer that provides [`Sessions`], with its options: see the [module](super).
pub struct Session {
    pub(super) shared: Shared,
}

const NAMES: DefaultNames = DefaultNames { plain: "id", secure: "__Secure-id", host: "__Host-id" };
const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

impl Session {
    /// Sessions in a store.
    #[must_use]
    pub fn new(store: impl Store) -> Self {
        let shared = Shared {
            cookie: CookieOptions::new(NAMES, 30 * DAY),
            store: Box::new(store),
            clock: Box::new(Timestamp::now),
            idle: DAY,
            touch_every: 5 * MINUTE,
            sweeps: Sweeps::new(10 * MINUTE),
            store_timeout: Duration::from_secs(5),
            part_limit: 64 * 1024,
            reads_go_on: false,
            was_checked: AtomicBool::new(false),
        };
        Session { shared }
    }

    cookie_setters!("id");

    /// Sets how long a session lives that is not used: by default 1 day.
    #[must_use]
    pub fn idle(mut self, lifetime: Duration) -> Self {
        self.shared.idle = lifetime;
        self
    }

    /// Sets how long a session lives at most, from its beginning or its last login on: by default 30 days. It is the cookie's `Max-Age`,
    /// too.
    #[must_use]
    pub fn absolute(mut self, lifetime: Duration) -> Self {
        self.shared.cookie.max_age = lifetime;
        self
    }

    /// Sets whether browsers keep the cookie when they are closed: by default they do, for the absolute lifetime.
    #[must_use]
    pub fn persistent(mut self, yes: bool) -> Self {
        self.shared.cookie.persistent = yes;
        self
    }

    /// Sets what routes get that only read their session when the store fails: by default an error with status 503.
    #[must_use]
    pub fn on_store_failure(mut self, then: StoreFailure) -> Self {
        self.shared.reads_go_on = then == StoreFailure::ReadDefaults;
        self
    }

    /// Sets after what time a store that does not answer has failed: by default 5 seconds for each operation.
    #[must_use]
    pub fn store_timeout(mut self, timeout: Duration) -> Self {
        self.shared.store_timeout = timeout;
        self
    }

    /// Sets how many bytes a part may have as JSON: by default 65,536.
    #[must_use]
    pub fn part_limit(mut self, bytes: usize) -> Self {
        self.shared.part_limit = bytes;
        self
    }

    /// Sets how often the new end of the idle lifetime is written for a session in use: by default every 5 minutes, and at least
    /// four times in the idle lifetime. A session may end so much earlier than its idle lifetime says.
    #[must_use]
    pub fn touch_every(mut self, interval: Duration) -> Self {
        self.shared.touch_every = interval;
        self
    }

    /// Sets how often expired sessions are removed from the store: by default at startup, and every 10 minutes from then on, in
    /// the background. Where the app is not started ([`App::start`](connect::App::start)), a request that uses its session
    /// has it done, in a task of its own.
    #[must_use]
    pub fn sweep_every(mut self, interval: Duration) -> Self {
        self.shared.sweeps.every = interval;
        self
    }

    /// Sets the clock: by default that of the system. Tests of what expires put one of their own here.
    #[must_use]
    pub fn clock(mut self, clock: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        self.shared.clock = Box::new(clock);
        self
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("cookie", &self.shared.cookie).finish_non_exhaustive()
    }
}

impl IntoLayer for Session {
    type Layer = Stated<Declared<SessionLayer, Declares<(), (Sessions,)>>, SessionFacts>;

    /// # Panics
    /// If the name of the cookie begins with `__Host-` or `__Secure-`, and the cookie is set not to be secure; if it begins with
    /// `__Host-`, and the path is not `/`; if it is `SameSite=None`, and set not to be secure. Browsers refuse all of these. If the path
    /// has a `;` or a control character.
    fn into_layer(self) -> Self::Layer {
        self.shared.cookie.check();
        Stated::new(Declared::new(SessionLayer::new(Arc::new(self.shared))))
    }
}
