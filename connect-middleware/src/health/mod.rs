//! Whether the process is alive, and whether it is ready for requests: the endpoints that load balancers and Kubernetes ask.
//!
//! ```
//! use connect::{app, get};
//! use connect_middleware::health::Health;
//! use std::time::Duration;
//!
//! # struct Pool;
//! # impl Pool { async fn ping(&self) -> std::io::Result<()> { Ok(()) } }
//! #[get("/")]
//! fn index() -> &'static str {
//!     "hello"
//! }
//!
//! # #[tokio::main] async fn main() {
//! # let pool = std::sync::Arc::new(Pool);
//! let health = Health::new()
//!     .check("database", move || {
//!         let pool = pool.clone();
//!         async move { Ok(pool.ping().await?) }
//!     })
//!     .timeout(Duration::from_secs(1));
//! let app = app![health, index];
//! # let client = connect::testing::Client::new(app);
//! # client.get("/livez").send().await.assert_status(200).assert_text("ok");
//! # client.get("/readyz").send().await.assert_status(200).assert_text("ok");
//! # }
//! ```
//!
//! | endpoint | 200 | 503 |
//! |---|---|---|
//! | `/livez` | the process answers | never: a process that does not answer is to be started anew |
//! | `/readyz` | all checks pass | one fails or takes too long, or the graceful shutdown has begun (draining) |
//!
//! A startup probe asks `/livez`: no request is answered before what the layers do at startup is done.
//!
//! The answer is the text `ok`, or the reason: `draining`, or `failed: database`. A client that accepts `application/json` gets
//! `{"status": "failed", "checks": {"database": "failed", "disk": "ok"}}`. Why a check has failed is logged as a warning, and not told. Answers
//! are not cached (`Cache-Control: no-store`).
//!
//! Checks run at the same time, and their result counts for all requests of the next second, so that probes from many places do not
//! become a load. A request that finds them running waits for their result.
//!
//! # Options
//! | option | type | default | effect |
//! |---|---|---|---|
//! | [`check`](Health::check) | name, async function | none | has to pass for `/readyz` |
//! | [`timeout`](Health::timeout) | `Duration` | 2 seconds | a check that takes longer has failed |
//! | [`keep`](Health::keep) | `Duration` | 1 second | how long a result counts |
//! | [`live`](Health::live), [`ready`](Health::ready) | path | `/livez`, `/readyz` | where they are |
//!
//! # Needs and provides
//! Nothing. It states the law [`HEALTH_OUTSIDE_OF_REFUSALS`]: below a limit, a guard or a check of hosts, probes are refused, and the balancer
//! takes the process out, or Kubernetes kills it.
//!
//! # What goes wrong
//! - A check that panics has failed. A check that hangs is dropped after the timeout.
//! - Only `GET` and `HEAD` are answered; other methods go on.
//! - A process that is overloaded answers late, and a probe with a short timeout has it killed, which makes it worse: give liveness probes
//!   some seconds and several attempts.
//!
//! The time between the begin of the shutdown and the end of accepting is [`shutdown_delay`](connect::Server::shutdown_delay):
//! it has to be longer than a balancer needs to notice.
//!
//! # Differences from Express
//! Express has none. `@godaddy/terminus` and `lightship` are of this kind, on a server of their own or on the same one.

mod checks;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use connect::{Facts, IntoLayer, Layer, Next, Request, Response, Rest, Result, Stated, StatesFacts};
use http::header::{self, HeaderValue};
use http::{Method, StatusCode};
use serde_json::json;

use self::checks::{Check, Checks, Outcome};
use crate::facts::HEALTH_OUTSIDE_OF_REFUSALS;

/// Answers probes: see the [module](self).
pub struct Health {
    live: Cow<'static, str>,
    ready: Cow<'static, str>,
    checks: Checks,
}

impl Health {
    /// The endpoints without checks: ready until the shutdown begins.
    #[must_use]
    pub fn new() -> Self {
        Health { live: "/livez".into(), ready: "/readyz".into(), checks: Checks::default() }
    }

    /// Adds a check: an async function that fails if the process cannot do its work, such as one that asks a database for nothing. What
    /// other services need for theirs is not to be checked here, or all fall with one.
    #[must_use]
    pub fn check<F, Fut>(mut self, name: impl Into<Cow<'static, str>>, check: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<()>> + Send + 'static,
    {
        self.checks.list.push(Check::new(name.into(), check));
        self
    }

    /// Sets how long a check may take: by default 2 seconds.
    #[must_use]
    pub fn timeout(mut self, time: Duration) -> Self {
        self.checks.timeout = time;
        self
    }

    /// Sets how long the result of the checks counts: by default 1 second.
    #[must_use]
    pub fn keep(mut self, time: Duration) -> Self {
        self.checks.keep = time;
        self
    }

    /// Sets the path of the liveness endpoint: by default `/livez`.
    ///
    /// # Panics
    /// If it does not begin with a slash.
    #[must_use]
    pub fn live(mut self, path: impl Into<Cow<'static, str>>) -> Self {
        self.live = checked(path.into());
        self
    }

    /// Sets the path of the readiness endpoint: by default `/readyz`.
    ///
    /// # Panics
    /// If it does not begin with a slash.
    #[must_use]
    pub fn ready(mut self, path: impl Into<Cow<'static, str>>) -> Self {
        self.ready = checked(path.into());
        self
    }
}

fn checked(path: Cow<'static, str>) -> Cow<'static, str> {
    assert!(path.starts_with('/'), "the path `{path}` has to begin with `/`");
    path
}

impl Default for Health {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Health").field("live", &self.live).field("ready", &self.ready).finish_non_exhaustive()
    }
}

/// The facts of [`Health`].
#[derive(Debug)]
pub struct HealthFacts;

impl StatesFacts for HealthFacts {
    const FACTS: Facts = Facts::of("Health").laws(&[HEALTH_OUTSIDE_OF_REFUSALS]);
}

impl IntoLayer for Health {
    type Layer = Stated<HealthLayer, HealthFacts>;

    fn into_layer(self) -> Self::Layer {
        Stated::new(HealthLayer { live: self.live, ready: self.ready, checks: Arc::new(self.checks) })
    }
}

/// What [`Health`] becomes in a list.
pub struct HealthLayer {
    live: Cow<'static, str>,
    ready: Cow<'static, str>,
    checks: Arc<Checks>,
}

impl fmt::Debug for HealthLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HealthLayer")
            .field("live", &self.live)
            .field("ready", &self.ready)
            .finish_non_exhaustive()
    }
}

impl Layer for HealthLayer {
    async fn run<R: Rest>(&self, req: &mut Request, res: &mut Response, next: Next<(), R>) -> Result {
        let path = req.path();
        let is_live = path == self.live;
        if !(is_live || path == self.ready) || !matches!(*req.method(), Method::GET | Method::HEAD) {
            return next.pass();
        }
        if is_live {
            return answer(req, res, &Outcome::Passed, None);
        }
        if req.shutdown().is_started() {
            return answer(req, res, &Outcome::Draining, None);
        }
        let results = self.checks.results().await;
        let failed: Vec<&str> =
            results.iter().filter(|(_, passed)| !passed).map(|(name, _)| &**name).collect();
        let outcome = if failed.is_empty() { Outcome::Passed } else { Outcome::Failed(failed.join(", ")) };
        answer(req, res, &outcome, Some(&results))
    }

    fn name(&self) -> &str {
        "Health"
    }
}

fn answer(
    req: &Request,
    res: &mut Response,
    outcome: &Outcome,
    results: Option<&[(Cow<'static, str>, bool)]>,
) -> Result {
    const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
    let (status, word) = match outcome {
        Outcome::Passed => (StatusCode::OK, "ok"),
        Outcome::Draining => (StatusCode::SERVICE_UNAVAILABLE, "draining"),
        Outcome::Failed(_) => (StatusCode::SERVICE_UNAVAILABLE, "failed"),
    };
    res.status(status).set(header::CACHE_CONTROL, NO_STORE).vary("Accept").etag(false);
    if req.accepts(&["text/plain", "application/json"]) == Some("application/json") {
        let word_of = |passed: bool| if passed { "ok" } else { "failed" };
        let checks: serde_json::Map<String, serde_json::Value> = results
            .unwrap_or_default()
            .iter()
            .map(|(name, passed)| (name.to_string(), word_of(*passed).into()))
            .collect();
        return res.json(json!({ "status": word, "checks": checks }));
    }
    match outcome {
        Outcome::Failed(names) => res.text(format!("failed: {names}")),
        Outcome::Passed | Outcome::Draining => res.text(word),
    }
}
