//! The checks, and their results.

use std::borrow::Cow;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use connect::Result;
use tokio::sync::Mutex;
use tokio::task::JoinSet;
use tokio::time::Instant;

pub(super) enum Outcome {
    Passed,
    Draining,
    /// With the names of the checks.
    Failed(String),
}

/// A function that users give, behind a pointer: each is of a type of its own, and they are in one list.
type Run = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = Result<()>> + Send>> + Send + Sync>;

pub(super) struct Check {
    name: Cow<'static, str>,
    run: Run,
}

impl Check {
    pub(super) fn new<F, Fut>(name: Cow<'static, str>, check: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<()>> + Send + 'static,
    {
        Check { name, run: Arc::new(move || Box::pin(check())) }
    }
}

/// The name of each check, and whether it has passed.
type Results = Arc<[(Cow<'static, str>, bool)]>;

pub(super) struct Checks {
    pub(super) list: Vec<Check>,
    pub(super) timeout: Duration,
    pub(super) keep: Duration,
    /// The last ones, and when they came. Locked while the checks run, so that they run once for all who ask.
    last: Mutex<Option<(Instant, Results)>>,
}

impl Default for Checks {
    fn default() -> Self {
        Checks {
            list: Vec::new(),
            timeout: Duration::from_secs(2),
            keep: Duration::from_secs(1),
            last: Mutex::new(None),
        }
    }
}

impl Checks {
    pub(super) async fn results(self: &Arc<Self>) -> Results {
        if self.list.is_empty() {
            return Arc::new([]);
        }
        // In a task of its own: a probe that gives up drops its request, and the result still counts for the next one.
        let this = Arc::clone(self);
        let checked = tokio::spawn(async move { this.current().await });
        let failed = |_| self.list.iter().map(|check| (check.name.clone(), false)).collect();
        checked.await.unwrap_or_else(failed)
    }

    async fn current(&self) -> Results {
        let mut last = self.last.lock().await;
        match &*last {
            Some((at, results)) if at.elapsed() < self.keep => Arc::clone(results),
            _ => {
                let results = self.run().await;
                *last = Some((Instant::now(), Arc::clone(&results)));
                results
            }
        }
    }

    /// All at the same time, each in a task of its own: one that panics has failed alone.
    async fn run(&self) -> Results {
        let mut tasks = JoinSet::new();
        for (at, check) in self.list.iter().enumerate() {
            let (run, limit) = (Arc::clone(&check.run), self.timeout);
            tasks.spawn(async move {
                // The function itself may panic, too: in the task, and not here.
                let checked = tokio::time::timeout(limit, async move { run().await }).await;
                (at, checked)
            });
        }
        let mut results: Vec<_> = self.list.iter().map(|check| (check.name.clone(), false)).collect();
        while let Some(done) = tasks.join_next().await {
            let Ok((at, checked)) = done else {
                tracing::warn!("a health check panicked");
                continue;
            };
            let name = &self.list[at].name;
            match checked {
                Ok(Ok(())) => results[at].1 = true,
                Ok(Err(err)) => tracing::warn!("the health check `{name}` failed: {err:?}"),
                Err(_) => tracing::warn!("the health check `{name}` took longer than {:?}", self.timeout),
            }
        }
        results.into()
    }
}
