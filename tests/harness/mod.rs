//! Serves the generated apps, sends them the recorded requests, and compares the responses.

pub(crate) mod client;
pub(crate) mod compare;
pub(crate) mod paths;
#[allow(dead_code, reason = "not every folder of recordings uses all of it")]
pub(crate) mod runtime;
pub(crate) mod table;

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;

use connect::Environment;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::reason::Reason;

/// A scenario that is written in Rust.
pub(crate) struct Scenario {
    pub(crate) id: &'static str,
    pub(crate) area: &'static str,
    pub(crate) env: &'static str,
    pub(crate) powered_by: bool,
    /// Its variants.
    pub(crate) apps: &'static [fn(Setup) -> Serving],
    /// The recorded request and response, as JSON.
    pub(crate) exchange: &'static str,
}

/// A scenario that is skipped.
pub(crate) struct Skipped {
    pub(crate) id: &'static str,
    pub(crate) area: &'static str,
    pub(crate) reason: Reason,
}

/// What an app is served with.
pub(crate) struct Setup {
    pub(crate) environment: Environment,
    pub(crate) powered_by: bool,
    pub(crate) listener: TcpListener,
    pub(crate) shutdown: oneshot::Receiver<()>,
}

/// An app that serves.
pub(crate) type Serving = Pin<Box<dyn Future<Output = io::Result<()>> + Send>>;

/// An app on a socket, until it is dropped.
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    task: JoinHandle<io::Result<()>>,
    _shutdown: oneshot::Sender<()>,
}

impl Drop for Running {
    fn drop(&mut self) {
        // A graceful end would wait for the requests that hang.
        self.task.abort();
    }
}

/// Serves an app at a port of its own.
pub(crate) async fn serve(app: fn(Setup) -> Serving, env: &str, powered_by: bool) -> Running {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("a listener has an address");
    let environment = match env {
        "development" => Environment::Development,
        "production" => Environment::Production,
        _ => Environment::Test,
    };
    let (end, shutdown) = oneshot::channel();
    let setup = Setup { environment, powered_by, listener, shutdown };
    Running { address, task: tokio::spawn(app(setup)), _shutdown: end }
}
