//! The server: an app on sockets.

mod accept;
mod address;
mod answer;
mod banner;
mod bind;
mod builder;
mod connection;
mod run;
mod settings;
mod signals;
mod started;
#[cfg(feature = "tls")]
mod tls;

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;

use tokio::net::TcpListener;

use self::address::Address;
pub use self::builder::{Listener, Server};
pub use self::run::BoundServer;
pub use self::started::StartedApp;
#[cfg(feature = "tls")]
pub use self::tls::Tls;
use crate::App;
use crate::chain::Chain;
use crate::chain::erased::erased;

impl<C: Chain, P> App<C, P> {
    /// Serves the app at an address, until Ctrl-C or SIGTERM.
    ///
    /// Then the server accepts no more connections, closes idle ones, and returns when the running requests are
    /// answered. At a second signal it returns at once, and drops them. It needs a tokio runtime with I/O and time
    /// enabled. It is short for [`server`](App::server)`().listen(address).run()`, which has the settings.
    ///
    /// To learn the port that the system chose for `"127.0.0.1:0"`, use [`Server::bind`].
    ///
    /// # Errors
    /// If the address cannot be resolved or bound, for example because it is in use: the error names it. If a layer cannot
    /// start ([`Startup::before_serving`](crate::Startup::before_serving)): the error names the layer. Also if the server
    /// cannot listen for signals.
    // Not an `async fn`: its type would contain the address's type, and a wrong address would be three errors and not
    // one.
    pub fn listen(self, address: impl Address) -> Pin<Box<dyn Future<Output = io::Result<()>> + Send>> {
        let addresses = bind::addresses(&address);
        let server = self.server();
        erased(move || async move {
            let addresses: Vec<SocketAddr> = addresses?;
            server.listen(&addresses[..]).run().await
        })
    }

    /// Serves the app on a listener, like [`listen`](App::listen).
    ///
    /// # Errors
    /// If the server cannot use the listener or listen for signals.
    pub async fn serve(self, listener: TcpListener) -> io::Result<()> {
        self.server().listener(listener).run().await
    }

    /// Serves the app on a listener until a future is ready, and then shuts down as [`listen`](App::listen) does.
    ///
    /// # Errors
    /// If the server cannot use the listener.
    pub async fn serve_until(self, listener: TcpListener, shutdown: impl Future) -> io::Result<()> {
        self.server().listener(listener).banner(false).run_until(shutdown).await
    }

    /// Makes a [`Server`] of the app, to set its addresses, limits and timeouts.
    ///
    /// ```no_run
    /// # use connect::{app, get};
    /// # use std::time::Duration;
    /// #[get("/")]
    /// fn index() -> &'static str {
    ///     "hello"
    /// }
    ///
    /// # async fn serve() -> std::io::Result<()> {
    /// app![index].server().listen("0.0.0.0:3000").listen("[::]:3000").shutdown_timeout(Duration::from_secs(10)).run().await
    /// # }
    /// ```
    pub fn server(self) -> Server<C> {
        Server::new(self.outermost())
    }
}
