//! Running a server: workers, signals, graceful shutdown.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::Instant;

use super::accept::Shared;
use super::answer::Answer;
#[cfg(debug_assertions)]
use super::answer::TypeErased;
use super::banner;
use super::bind::{Address, Bound, bind_for_worker};
use super::signals::Signals;
use super::started::{StartedApp, start};
use crate::chain::Chain;
use crate::connection::{Shutdown, Stage};
use crate::{App, Outermost};

/// A server whose addresses are bound. Connections wait in the kernel's queue until it runs.
#[must_use = "a server does nothing until it is run"]
pub struct BoundServer<C> {
    app: App<C, Outermost>,
    parts: ServerParts,
    banner: bool,
}

impl<C: Chain> BoundServer<C> {
    pub(super) fn new(app: App<C, Outermost>, parts: ServerParts, banner: bool) -> Self {
        BoundServer { app, parts, banner }
    }

    /// The TCP addresses that the server listens on, in the order in which they were added.
    #[must_use]
    pub fn addresses(&self) -> Vec<SocketAddr> {
        let addresses = self.parts.bound.iter().map(Bound::address);
        addresses
            .filter_map(|address| if let Address::Tcp(address) = address { Some(address) } else { None })
            .collect()
    }

    /// Serves as [`Server::run`](crate::Server::run) does.
    ///
    /// # Errors
    /// If the server cannot listen for signals or start a thread, or if a layer cannot start.
    pub async fn run(self) -> io::Result<()> {
        let mut signals = Signals::new()?;
        let shutdown = self.parts.shared.shutdown.clone();
        let second = async {
            let first = signals.next().await;
            tracing::info!("the signal {first} was received");
            shutdown.start();
            let second = signals.next().await;
            tracing::info!("the signal {second} was received: the server stops at once");
        };
        tokio::select! {
            served = self.serve() => served,
            // Dropping the server's future stops it.
            () = second => Ok(()),
        }
    }

    /// Serves as [`Server::run_until`](crate::Server::run_until) does.
    ///
    /// # Errors
    /// If the server or a layer cannot start, a thread of the server included.
    pub async fn run_until(self, until: impl Future) -> io::Result<()> {
        let shutdown = self.parts.shared.shutdown.clone();
        let start = async {
            until.await;
            shutdown.start();
            // `serve` returns when the shutdown is complete.
            std::future::pending::<()>().await;
        };
        tokio::select! {
            served = self.serve() => served,
            () = start => Ok(()),
        }
    }

    fn serve(self) -> impl Future<Output = io::Result<()>> {
        self.app.named();
        self.start_and_serve()
    }

    async fn start_and_serve(mut self) -> io::Result<()> {
        if self.parts.started.is_none() {
            let shutdown = self.parts.shared.shutdown.clone();
            tokio::select! {
                // A layer that is ready at once counts, although the shutdown may have started.
                biased;
                started = self.start() => started?,
                () = shutdown.started() => return Ok(()),
            }
        }
        if self.banner {
            let addresses: Vec<Address> = self.parts.bound.iter().map(Bound::address).collect();
            banner::show(&self.app, &addresses, self.parts.shared.settings.is_encrypted());
        }
        serve(self.app, self.parts).await
    }

    /// Starts the layers, before [`run_until`](BoundServer::run_until) would do so.
    pub(crate) fn start(&mut self) -> impl Future<Output = io::Result<()>> + Send {
        let (startup, shutdown) = (self.app.startup(), self.parts.shared.shutdown.clone());
        let started = &mut self.parts.started;
        async move {
            *started = Some(start(startup, shutdown).await?);
            Ok(())
        }
    }
}

impl<C: Chain> fmt::Debug for BoundServer<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BoundServer").field("addresses", &self.addresses()).finish_non_exhaustive()
    }
}

/// The parts of a server other than its app.
pub(super) struct ServerParts {
    pub(super) bound: Vec<Bound>,
    pub(super) workers: Option<usize>,
    pub(super) shared: Shared,
    pub(super) delay: Duration,
    pub(super) timeout: Duration,
    /// What the layers do beside requests, once it has begun.
    pub(super) started: Option<StartedApp>,
}

/// How long the server waits for requests that it drops. Only a handler that blocks its thread takes so long.
const LAST: Duration = Duration::from_secs(1);

/// Stops the server's remaining tasks and threads when its future is dropped.
struct StopOnDrop(Shutdown);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.advance(Stage::Stopped);
    }
}

/// Serves an app until the shutdown is complete.
pub(super) async fn run(app: impl Answer, parts: ServerParts) -> io::Result<()> {
    let ServerParts { bound, workers, shared, delay, timeout, started } = parts;
    let shutdown = shared.shutdown.clone();
    let _end = StopOnDrop(shutdown.clone());
    let mut accepting = JoinSet::new();
    match workers {
        None => {
            for bound in bound {
                accepting.spawn(super::accept::accept(app.clone(), bound, shared.clone()));
            }
        }
        Some(threads) => {
            for number in 0..threads {
                let own = if number + 1 == threads {
                    None
                } else {
                    Some(bound.iter().map(bind_for_worker).collect::<io::Result<Vec<Bound>>>()?)
                };
                let Some(own) = own else { break };
                accepting.spawn(worker(app.clone(), own, shared.clone(), number)?);
            }
            // The last worker takes the sockets that were bound first.
            accepting.spawn(worker(app.clone(), bound, shared.clone(), threads.saturating_sub(1))?);
        }
    }
    drop(app);
    // A listener or worker that returns before the shutdown has failed.
    let failed = async {
        match accepting.join_next().await {
            Some(Ok(Err(err))) => err,
            Some(Err(err)) => io::Error::other(err),
            _ => std::future::pending().await,
        }
    };
    tokio::select! {
        err = failed => {
            end(started, Instant::now() + timeout).await;
            return Err(err);
        }
        () = shutdown.started() => {}
    }
    tracing::info!(connections = shutdown.connections(), "the server shuts down");
    tokio::time::sleep(delay).await;
    shutdown.advance(Stage::Closing);
    let deadline = Instant::now() + timeout;
    if tokio::time::timeout_at(deadline, drain(&mut accepting, &shutdown)).await.is_err() {
        let connections = shutdown.connections();
        tracing::warn!(
            connections,
            "the server stops with connections still open after its `shutdown_timeout` of {timeout:?}"
        );
        // So that what the layers do at the end knows of the requests that are dropped.
        shutdown.advance(Stage::Stopped);
        let _ = tokio::time::timeout(LAST, drain(&mut accepting, &shutdown)).await;
    }
    end(started, deadline).await;
    tracing::info!("the server has stopped");
    Ok(())
}

/// Waits until nothing is accepted any more, and all connections are closed.
async fn drain(accepting: &mut JoinSet<io::Result<()>>, shutdown: &Shutdown) {
    while accepting.join_next().await.is_some() {}
    shutdown.all_closed().await;
}

/// Ends what the layers do beside requests.
async fn end(started: Option<StartedApp>, deadline: Instant) {
    if let Some(started) = started {
        started.end(deadline).await;
    }
}

/// Serves an app whose type the server knows.
#[cfg(not(debug_assertions))]
use self::run as serve;

/// Serves an app whose type the server does not know.
#[cfg(debug_assertions)]
async fn serve(app: impl Answer, parts: ServerParts) -> io::Result<()> {
    run_type_erased(TypeErased::new(app), parts).await
}

/// Not generic, so that it is compiled with the library.
#[cfg(debug_assertions)]
async fn run_type_erased(app: TypeErased, parts: ServerParts) -> io::Result<()> {
    run(app, parts).await
}

/// Starts a thread with a runtime of its own; returns a future that is ready when the thread ends.
fn worker(
    app: impl Answer,
    bound: Vec<Bound>,
    shared: Shared,
    number: usize,
) -> io::Result<impl Future<Output = io::Result<()>> + Send + 'static> {
    let (ended, end) = tokio::sync::oneshot::channel();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    std::thread::Builder::new().name(format!("connect-{number}")).spawn(move || {
        let shutdown = shared.shutdown.clone();
        let result = runtime.block_on(async {
            let mut accepting = JoinSet::new();
            for bound in bound {
                accepting.spawn(super::accept::accept(app.clone(), bound, shared.clone()));
            }
            let accepted = async {
                while let Some(result) = accepting.join_next().await {
                    result.map_err(io::Error::other)??;
                }
                Ok(())
            };
            let result = tokio::select! {
                result = accepted => result,
                () = shutdown.wait_for(Stage::Stopped) => Ok(()),
            };
            if result.is_ok() {
                tokio::select! {
                    () = shutdown.all_closed() => {}
                    () = shutdown.wait_for(Stage::Stopped) => {}
                }
            }
            result
        });
        // Do not wait for what handlers have left running on threads for blocking work.
        runtime.shutdown_background();
        let _ = ended.send(result);
    })?;
    Ok(async move {
        end.await.unwrap_or_else(|_| Err(io::Error::other("a worker thread of the server panicked")))
    })
}
