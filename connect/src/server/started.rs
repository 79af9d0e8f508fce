//! An app whose layers have started: their background tasks, and what they do at the end.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use sync_wrapper::SyncWrapper;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};

use super::bind::ListenError;
use crate::App;
use crate::chain::Chain;
use crate::chain::caught::Caught;
use crate::chain::erased::Erased;
use crate::connection::Shutdown;
use crate::error::Error;
use crate::startup::{Startup, Task};

/// How long the futures of [`Startup::after_serving`] have at least, all together.
const LEAST: Duration = Duration::from_secs(1);

/// The background tasks of an app's layers: what [`App::start`] returns.
///
/// Dropped, it aborts the tasks, and what the layers do at the end is not done.
#[must_use = "dropped, it aborts the background tasks of the layers"]
pub struct StartedApp {
    shutdown: Shutdown,
    /// They are dropped when the last request is answered.
    tasks: JoinSet<()>,
    /// They end by themselves.
    told: JoinSet<()>,
    after: SyncWrapper<Vec<(Arc<str>, Erased<'static, ()>)>>,
}

impl<C: Chain, P> App<C, P> {
    /// Starts what the layers do beside requests ([`Layer::on_startup`](crate::Layer::on_startup)), for an app that another
    /// server serves, as a [service](App::into_service).
    ///
    /// It runs what has to be done before serving, and spawns the background tasks. The app's own server
    /// ([`listen`](App::listen), [`server`](App::server)) and the test client do so themselves. An app whose layers need nothing
    /// of it can be served without it.
    ///
    /// ```
    /// # use connect::{app, get};
    /// # use std::time::Duration;
    /// # #[get("/")] fn index() -> &'static str { "" }
    /// # #[tokio::main] async fn main() -> std::io::Result<()> {
    /// let app = app![index];
    /// let started = app.start().await?;
    /// let service = app.into_service::<connect::Body>();
    /// // .. serve it ..
    /// # drop(service);
    /// started.shutdown(Duration::from_secs(10)).await;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// If a future of [`Startup::before_serving`] fails: the error names the layer.
    pub fn start(&self) -> impl Future<Output = io::Result<StartedApp>> + Send + use<C, P> {
        start(self.startup(), Shutdown::new())
    }
}

/// Runs what comes before serving, and spawns the tasks.
pub(super) async fn start(startup: Startup, shutdown: Shutdown) -> io::Result<StartedApp> {
    let Startup { before, tasks: all, after, .. } = startup;
    for (layer, future) in before {
        future.await.map_err(|err| failed(&layer, &err))?;
    }
    let (mut tasks, mut told) = (JoinSet::new(), JoinSet::new());
    for Task { layer, make, is_told } in all {
        let shutdown = shutdown.clone();
        let task = async move {
            // Made within: what makes it may panic as well.
            if let Err(panic) = Caught::new(async { make(shutdown).await }).await {
                tracing::error!("a background task of the layer `{layer}` has ended: {panic}");
            }
        };
        if is_told {
            told.spawn(task)
        } else {
            tasks.spawn(task)
        };
    }
    Ok(StartedApp { shutdown, tasks, told, after: SyncWrapper::new(after) })
}

#[cold]
fn failed(layer: &str, err: &Error) -> io::Error {
    let kind = err.downcast_ref::<io::Error>().map_or(io::ErrorKind::Other, io::Error::kind);
    let mut text = format!("the layer `{layer}` cannot start: ");
    // Writing to a string does not fail.
    let _ = err.write_chain(&mut text);
    io::Error::new(kind, ListenError(text))
}

impl StartedApp {
    /// Ends the background tasks, and then runs what the layers do at the end.
    ///
    /// Call it when the app is no longer served. Tasks that learn of the [`Shutdown`] have `timeout` to end by themselves; others are
    /// aborted at once. What the layers do at the end has the rest of `timeout`, and at least one second.
    pub async fn shutdown(self, timeout: Duration) {
        self.shutdown.start();
        self.end(Instant::now() + timeout).await;
    }

    pub(super) async fn end(mut self, deadline: Instant) {
        let tasks = async {
            self.tasks.shutdown().await;
            while self.told.join_next().await.is_some() {}
        };
        // Those that were aborted are over when they have been polled once more.
        if timeout_at(deadline, tasks).await.is_err() && !self.told.is_empty() {
            tracing::warn!(
                tasks = self.told.len(),
                "the server ends with background tasks that have not ended"
            );
            self.told.abort_all();
        }
        let mut after = self.after.into_inner();
        let deadline = deadline.max(Instant::now() + LEAST);
        while let Some((layer, future)) = after.pop() {
            match timeout_at(deadline, Caught::new(future)).await {
                Ok(Ok(())) => {}
                Ok(Err(panic)) => tracing::error!("the end of the layer `{layer}` failed: {panic}"),
                Err(_) => tracing::warn!("the end of the layer `{layer}` took too long: it is dropped"),
            }
        }
    }
}

impl fmt::Debug for StartedApp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StartedApp")
            .field("tasks", &(self.tasks.len() + self.told.len()))
            .finish_non_exhaustive()
    }
}
