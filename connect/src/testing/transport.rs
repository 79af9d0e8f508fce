//! The two ways to reach an app: in process and over a socket.

use std::io;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::OnceCell;
use tokio::task::JoinHandle;

use super::response::Ran;
use crate::chain::Chain;
use crate::chain::erased::{Erased, erased};
use crate::connection::{Shutdown, Stage};
use crate::error::BoxError;
use crate::server::StartedApp;
use crate::{App, Body, Outermost, Request, Response};

/// How long a shutdown may take, as by default in a server.
const GRACE: Duration = Duration::from_secs(30);

pub(super) enum Transport {
    /// The app with its type erased, so that the client has no type parameter.
    InProcess {
        answer: Box<dyn Fn(Request) -> Erased<'static, http::Response<Body>> + Send + Sync>,
        run: Box<dyn Fn(Request) -> Erased<'static, Ran> + Send + Sync>,
        start: Box<dyn Fn() -> Erased<'static, io::Result<StartedApp>> + Send + Sync>,
        /// With the first request, until the shutdown.
        started: OnceCell<Mutex<Option<StartedApp>>>,
    },
    Socket {
        address: SocketAddr,
        server: JoinHandle<io::Result<()>>,
        shutdown: Shutdown,
    },
}

impl Transport {
    pub(super) fn in_process<C: Chain>(app: App<C, Outermost>) -> Self {
        app.named();
        let (other, starts) = (app.clone(), app.clone());
        Transport::InProcess {
            answer: Box::new(move |mut req| {
                let app = app.clone();
                erased(|| async move { app.respond(&mut req).await })
            }),
            run: Box::new(move |mut req| {
                let app = other.clone();
                erased(|| async move {
                    let mut res = Response::new();
                    let done = app.run_in_host(&mut req, &mut res).await;
                    Ran { outcome: done.outcome(), request: req, response: res }
                })
            }),
            start: Box::new(move || {
                let start = starts.start();
                erased(|| start)
            }),
            started: OnceCell::new(),
        }
    }

    pub(super) async fn serve<C: Chain>(app: App<C, Outermost>) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let shutdown = Shutdown::new();
        let mut server = app.server().listener(listener).banner(false).shutdown(&shutdown).bind()?;
        server.start().await?;
        let server = tokio::spawn(server.run_until(std::future::pending::<()>()));
        Ok(Transport::Socket { address, server, shutdown })
    }

    /// Starts what the layers do beside requests, with the first request.
    async fn start(&self) {
        if let Transport::InProcess { start, started, .. } = self {
            let start = async || match start().await {
                Ok(started) => Mutex::new(Some(started)),
                Err(err) => panic!("the app cannot start: {err}"),
            };
            started.get_or_init(start).await;
        }
    }

    pub(super) async fn shutdown(&self) {
        match self {
            Transport::InProcess { started, .. } => {
                self.start().await;
                let started = started
                    .get()
                    .and_then(|started| started.lock().unwrap_or_else(PoisonError::into_inner).take());
                if let Some(started) = started {
                    started.shutdown(GRACE).await;
                }
            }
            Transport::Socket { shutdown, .. } => {
                shutdown.start();
                shutdown.wait_for(Stage::Stopped).await;
            }
        }
    }

    pub(super) fn address(&self) -> Option<SocketAddr> {
        match self {
            Transport::InProcess { .. } => None,
            Transport::Socket { address, .. } => Some(*address),
        }
    }

    pub(super) async fn send(
        &self,
        request: http::Request<Body>,
        peer: SocketAddr,
    ) -> Result<http::Response<Body>, BoxError> {
        match self {
            Transport::InProcess { answer, .. } => {
                self.start().await;
                let mut req = Request::from(request);
                req.set_peer(peer);
                Ok(answer(req).await)
            }
            Transport::Socket { address, .. } => {
                let stream = TcpStream::connect(address).await?;
                let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
                tokio::spawn(connection);
                let response = sender.send_request(request).await?;
                Ok(response.map(Body::from))
            }
        }
    }

    pub(super) async fn run(&self, req: Request) -> Ran {
        match self {
            Transport::InProcess { run, .. } => {
                self.start().await;
                run(req).await
            }
            Transport::Socket { .. } => {
                panic!("`run` is for an app in process: make the client with `Client::new`")
            }
        }
    }
}

impl Drop for Transport {
    fn drop(&mut self) {
        if let Transport::Socket { server, .. } = self {
            server.abort();
        }
    }
}
