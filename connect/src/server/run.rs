//! A server from its start to its end.

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
use super::bind::{Address, Bound, bind_beside};
use super::signals::Signals;
use super::started::{StartedApp, start};
use crate::chain::Chain;
use crate::connection::{Shutdown, Stage};
use crate::{App, Outermost};

/// A server whose addresses are bound; what comes to them waits until it runs.
#[must_use = "a server does nothing until it is run"]
pub struct BoundServer<C> {
    app: App<C, Outermost>,
    engine: Engine,
    banner: bool,
}

impl<C: Chain> BoundServer<C> {
    pub(super) fn new(app: App<C, Outermost>, engine: Engine, banner: bool) -> Self {
        BoundServer { app, engine, banner }
    }

    /// The addresses that it listens at by TCP, in the order in which they were given.
    #[must_use]
    pub fn addresses(&self) -> Vec<SocketAddr> {
        let addresses = self.engine.bound.iter().map(Bound::address);
        addresses
            .filter_map(|address| if let Address::Tcp(address) = address { Some(address) } else { None })
            .collect()
    }

    /// As [`Server::run`](crate::Server::run).
    ///
    /// # Errors
    /// If the signals cannot be listened to, a thread cannot be started, or a layer cannot start.
    pub async fn run(self) -> io::Result<()> {
        let mut signals = Signals::new()?;
        let shutdown = self.engine.shared.shutdown.clone();
        let second = async {
            signals.next().await;
            shutdown.start();
            signals.next().await;
        };
        tokio::select! {
            served = self.serve() => served,
            // Dropping the server ends it.
            () = second => Ok(()),
        }
    }

    /// As [`Server::run_until`](crate::Server::run_until).
    ///
    /// # Errors
    /// If a thread or a layer cannot be started.
    pub async fn run_until(self, until: impl Future) -> io::Result<()> {
        let shutdown = self.engine.shared.shutdown.clone();
        let start = async {
            until.await;
            shutdown.start();
            // It is for the server to end.
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
        if self.engine.started.is_none() {
            let shutdown = self.engine.shared.shutdown.clone();
            tokio::select! {
                // A layer that is ready at once counts, although the shutdown may have started.
                biased;
                started = self.start() => started?,
                () = shutdown.started() => return Ok(()),
            }
        }
        if self.banner {
            let addresses: Vec<Address> = self.engine.bound.iter().map(Bound::address).collect();
            banner::show(&self.app, &addresses, self.engine.shared.settings.is_encrypted());
        }
        serve(self.app, self.engine).await
    }

    /// Starts the layers, before [`run_until`](BoundServer::run_until) would do so.
    pub(crate) fn start(&mut self) -> impl Future<Output = io::Result<()>> + Send {
        let (startup, shutdown) = (self.app.startup(), self.engine.shared.shutdown.clone());
        let started = &mut self.engine.started;
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

/// A server without its app.
pub(super) struct Engine {
    pub(super) bound: Vec<Bound>,
    pub(super) workers: Option<usize>,
    pub(super) shared: Shared,
    pub(super) delay: Duration,
    pub(super) timeout: Duration,
    /// What the layers do beside requests, once it has begun.
    pub(super) started: Option<StartedApp>,
}

/// Ends all that is left of a server when its future is dropped.
struct AtTheEnd(Shutdown);

impl Drop for AtTheEnd {
    fn drop(&mut self) {
        self.0.advance(Stage::Over);
    }
}

/// Serves an app to the end.
pub(super) async fn run(app: impl Answer, engine: Engine) -> io::Result<()> {
    let Engine { bound, workers, shared, delay, timeout, started } = engine;
    let shutdown = shared.shutdown.clone();
    let _end = AtTheEnd(shutdown.clone());
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
                    Some(bound.iter().map(bind_beside).collect::<io::Result<Vec<Bound>>>()?)
                };
                let Some(own) = own else { break };
                accepting.spawn(worker(app.clone(), own, shared.clone(), number)?);
            }
            // The last has those that were bound first.
            accepting.spawn(worker(app.clone(), bound, shared.clone(), threads.saturating_sub(1))?);
        }
    }
    drop(app);
    // Whoever stops before the end has failed.
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
    tokio::time::sleep(delay).await;
    shutdown.advance(Stage::Closing);
    let deadline = Instant::now() + timeout;
    let drained = async {
        while accepting.join_next().await.is_some() {}
        shutdown.none_open().await;
    };
    if tokio::time::timeout_at(deadline, drained).await.is_err() {
        let connections = shutdown.connections();
        tracing::warn!(
            connections,
            "the server ends with requests that have not been answered after {timeout:?}"
        );
    }
    end(started, deadline).await;
    Ok(())
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
async fn serve(app: impl Answer, engine: Engine) -> io::Result<()> {
    run_type_erased(TypeErased::new(app), engine).await
}

/// Not generic, and thus compiled here.
#[cfg(debug_assertions)]
async fn run_type_erased(app: TypeErased, engine: Engine) -> io::Result<()> {
    run(app, engine).await
}

/// A thread with a runtime of its own, and what tells of its end.
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
                () = shutdown.reaches(Stage::Over) => Ok(()),
            };
            if result.is_ok() {
                tokio::select! {
                    () = shutdown.none_open() => {}
                    () = shutdown.reaches(Stage::Over) => {}
                }
            }
            result
        });
        // Whatever a handler has left running on a thread for blocking work is not waited for.
        runtime.shutdown_background();
        let _ = ended.send(result);
    })?;
    Ok(
        async move { end.await.unwrap_or_else(|_| Err(io::Error::other("a thread of the server has panicked"))) },
    )
}
