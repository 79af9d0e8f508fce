//! An app on sockets.

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
#[cfg(feature = "tls")]
mod tls;

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;

use tokio::net::TcpListener;

use self::address::Address;
pub use self::builder::{Listener, Server};
pub use self::run::BoundServer;
#[cfg(feature = "tls")]
pub use self::tls::Tls;
use crate::App;
use crate::chain::Chain;
use crate::chain::erased::erased;

impl<C: Chain, P> App<C, P> {
    /// Serves the app at an address, until Ctrl-C or SIGTERM.
    ///
    /// Then no more connections are accepted, idle ones are closed, and it returns when the requests that are
    /// running have been answered; at a second signal it returns at once, and drops them. It needs a tokio runtime around it, with
    /// I/O and time enabled, and is [`server`](App::server)`().listen(address).run()`, which has the settings.
    ///
    /// To learn the address of a port that the system chose (`"127.0.0.1:0"`), use [`Server::bind`].
    ///
    /// # Errors
    /// If the address is not one, or cannot be had, for example because it is in use: then the error names it.
    // Not an `async fn`, whose type would have that of the address in it: what is no address is one error then, and not three.
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
    /// If the signals cannot be listened to.
    pub async fn serve(self, listener: TcpListener) -> io::Result<()> {
        self.server().listener(listener).run().await
    }

    /// Serves the app on a listener until a future is ready, and then ends as [`listen`](App::listen) does.
    ///
    /// # Errors
    /// If the listener cannot be used.
    pub async fn serve_until(self, listener: TcpListener, shutdown: impl Future) -> io::Result<()> {
        self.server().listener(listener).banner(false).run_until(shutdown).await
    }

    /// A server for the app, to be told where and how.
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
