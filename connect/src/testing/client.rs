//! The test client, with the cookies that the app has set.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::jar::Jar;
use super::transport::Transport;
use crate::App;
use crate::chain::Chain;

/// Sends requests to an app and keeps its cookies; see the [module](super).
///
/// Clones share their cookies.
#[derive(Clone)]
pub struct Client {
    pub(super) transport: Arc<Transport>,
    jar: Arc<Mutex<Jar>>,
}

impl Client {
    /// Makes a client that calls the app in process, without a socket and without HTTP on the wire.
    ///
    /// The first request starts what the layers do beside requests ([`Layer::on_startup`](crate::Layer::on_startup)), and panics
    /// if a layer cannot start. The background tasks end with the last clone of the client.
    pub fn new<C: Chain, P>(app: App<C, P>) -> Self {
        Client::over(Transport::in_process(app.outermost()))
    }

    /// Serves the app on a port of this machine that the system chooses, until the last clone of the client is dropped,
    /// and makes a client that opens a connection for each request. It needs a tokio runtime.
    ///
    /// # Errors
    /// If no port can be bound, or a layer cannot start.
    pub async fn serve<C: Chain, P>(app: App<C, P>) -> io::Result<Self> {
        Ok(Client::over(Transport::serve(app.outermost()).await?))
    }

    fn over(transport: Transport) -> Self {
        Client { transport: Arc::new(transport), jar: Arc::default() }
    }

    /// Shuts the app down as a server does: it waits for running requests, ends the background tasks of layers, and runs what they
    /// do at the end ([`Startup::after_serving`](crate::Startup::after_serving)).
    ///
    /// An app that is called in process still answers requests afterwards; one that is served does not.
    pub async fn shutdown(&self) {
        self.transport.shutdown().await;
    }

    /// The address that the app is served on; `None` in process.
    #[must_use]
    pub fn address(&self) -> Option<SocketAddr> {
        self.transport.address()
    }

    /// The value of a cookie that the app has set.
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.jar().value(name)
    }

    /// Removes all cookies.
    pub fn clear_cookies(&self) {
        *self.jar() = Jar::default();
    }

    pub(super) fn jar(&self) -> MutexGuard<'_, Jar> {
        self.jar.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("address", &self.address()).finish_non_exhaustive()
    }
}
