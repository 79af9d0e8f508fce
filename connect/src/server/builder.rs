//! What one says of a server before it runs.

use std::fmt;
use std::io;
use std::num::NonZero;
#[cfg(unix)]
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::accept::Shared;
use super::address::Address;
use super::bind::{Bound, Wanted, bind, cannot};
use super::run::{BoundServer, Engine};
use super::settings::Settings;
use crate::chain::Chain;
use crate::connection::Places;
use crate::{App, Outermost, Shutdown};

/// An app that is to be served: where, by how many threads, and within which limits.
///
/// [`App::server`] makes one; [`run`](Server::run) serves until a signal, or until its [`Shutdown`] is started.
///
/// | | unless it is said otherwise |
/// |---|---|
/// | threads | those of the runtime around it ([`workers`](Server::workers)) |
/// | for the head of a request | 30 s, 64 KB, 100 headers |
/// | for a body | 30 s without a byte ([`App::body_timeout`]), 240 bytes a second ([`App::min_body_rate`]) and 100 kB ([`body_limit`](crate::body_limit())) |
/// | between two requests of a connection | 75 s |
/// | while a client takes nothing of an answer, or of one stream of HTTP/2 | 60 s |
/// | connections | 25,000, of one client as many |
/// | for a handler after its client has closed its half of the connection | 30 s |
/// | streams of an HTTP/2 connection | 100 |
/// | complete response bodies that the client of an HTTP/2 connection does not take | 16 MiB |
/// | after the first signal | 30 s ([`shutdown_timeout`](Server::shutdown_timeout)) |
///
/// HTTP/2 needs the feature `http2`, TLS the feature `tls`, the PROXY protocol the feature `proxy-protocol`.
///
/// ```no_run
/// use connect::{app, get};
///
/// #[get("/")]
/// fn index() -> &'static str {
///     "hello"
/// }
///
/// fn main() -> std::io::Result<()> {
///     // A runtime and a listener for each core.
///     app![index].server().listen("0.0.0.0:3000").workers(0).run_blocking()
/// }
/// ```
#[must_use = "a server does nothing until it is run"]
pub struct Server<C> {
    app: App<C, Outermost>,
    wanted: Vec<Wanted>,
    workers: Option<usize>,
    settings: Settings,
    max_connections: usize,
    max_connections_per_peer: Option<usize>,
    shutdown: Shutdown,
    shutdown_delay: Duration,
    shutdown_timeout: Duration,
    banner: bool,
}

/// What stands for no limit: to add more to the present may be too much.
const LONGEST: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);

impl<C: Chain> Server<C> {
    pub(super) fn new(app: App<C, Outermost>) -> Self {
        Server {
            app,
            wanted: Vec::new(),
            workers: None,
            settings: Settings::default(),
            max_connections: 25_000,
            max_connections_per_peer: None,
            shutdown: Shutdown::new(),
            shutdown_delay: Duration::ZERO,
            shutdown_timeout: Duration::from_secs(30),
            banner: true,
        }
    }
}

/// Where.
impl<C: Chain> Server<C> {
    /// Listens at an address too; of a name with several addresses at the first that can be had.
    ///
    /// Whether it can be had is seen when the server is bound.
    pub fn listen(mut self, address: impl Address + fmt::Debug) -> Self {
        let addresses = std::net::ToSocketAddrs::to_socket_addrs(&address).map(Iterator::collect);
        self.wanted.push(Wanted::Addresses(
            addresses.map_err(|err| cannot(format_args!("{address:?}"), &err)),
            false,
        ));
        self
    }

    /// Listens at a Unix socket too, whose file is made, and removed at the end. A file that a server has left which
    /// is not there any more is replaced.
    ///
    /// Who may connect is for the rights of the folder to say.
    #[cfg(unix)]
    pub fn listen_unix(mut self, path: impl AsRef<Path>) -> Self {
        self.wanted.push(Wanted::Path(path.as_ref().to_owned()));
        self
    }

    /// Listens at a socket too that is bound already: by a test, or by a supervisor that hands it over.
    pub fn listener(mut self, listener: impl Into<Listener>) -> Self {
        self.wanted.push(listener.into().0);
        self
    }

    /// The connections of the address or listener that was given last begin with a header of the PROXY protocol, version 1 or 2, by
    /// which a load balancer that does not read HTTP says who the client is: HAProxy's `send-proxy-v2`, `proxy_protocol on` of nginx's
    /// stream module, AWS's network load balancers. [`req.peer()`](crate::Request::peer) is the client's address then.
    ///
    /// A connection without the header, or with one that takes longer than the
    /// [`header_timeout`](Server::header_timeout), is closed. In front of TLS the header comes first. Use it where nobody but the
    /// balancer can connect: whoever can is believed. `max_connections_per_peer` counts the balancer's connections.
    ///
    /// ```no_run
    /// # use connect::{app, get};
    /// # #[get("/")] fn index() -> &'static str { "" }
    /// # fn main() -> std::io::Result<()> {
    /// // Behind a balancer, and for health checks directly.
    /// app![index].server().listen("0.0.0.0:3000").proxy_protocol().listen("127.0.0.1:3001").run_blocking()
    /// # }
    /// ```
    ///
    /// What stands last and is no TCP address makes [`bind`](Server::bind) fail.
    #[cfg(feature = "proxy-protocol")]
    pub fn proxy_protocol(mut self) -> Self {
        match self.wanted.last_mut() {
            Some(Wanted::Addresses(_, proxied) | Wanted::Bound(Ok(Bound::Tcp(_, proxied)))) => {
                *proxied = true;
            }
            _ => {
                let why = "`proxy_protocol` stands behind the TCP address that it is for: `.listen(address).proxy_protocol()`";
                let err = io::Error::new(io::ErrorKind::InvalidInput, why);
                self.wanted.push(Wanted::Bound(Err(err)));
            }
        }
        self
    }

    /// Encrypts the connections that come by TCP.
    #[cfg(feature = "tls")]
    pub fn tls(mut self, tls: super::Tls) -> Self {
        self.settings.tls = Some(tls);
        self
    }

    /// How many threads serve, each with a runtime and a listener of its own, between which the system deals out
    /// connections; 0 stands for as many as the machine has cores.
    ///
    /// A request then stays on its thread: there is no lock between two of them, and a handler that does not yield
    /// holds up its own thread alone. Without it the server uses the runtime in which it is run.
    pub fn workers(mut self, threads: usize) -> Self {
        let cores = || std::thread::available_parallelism().map_or(1, NonZero::get);
        self.workers = Some(if threads == 0 { cores() } else { threads });
        self
    }

    /// Whether the server says at its start where it listens and, in
    /// [`Environment::Development`](crate::Environment::Development), what its stack is: to standard error in development, as an event of
    /// [`tracing`] always.
    pub fn banner(mut self, on: bool) -> Self {
        self.banner = on;
        self
    }
}

/// Within which limits.
impl<C: Chain> Server<C> {
    /// How long a client may take for the head of a request, from its first byte to its last, and for the first request of
    /// a connection; and for TLS's handshake. Who is slower gets a 408.
    pub fn header_timeout(mut self, limit: Duration) -> Self {
        self.settings.header_timeout = limit.min(LONGEST);
        self
    }

    /// How long a connection stays open after an answer, for the next request.
    pub fn keep_alive_timeout(mut self, limit: Duration) -> Self {
        self.settings.keep_alive_timeout = limit.min(LONGEST);
        self
    }

    /// How long a client may take nothing at all of an answer that is being written: 60 s by default. Then the connection is
    /// closed.
    ///
    /// In HTTP/2 it counts for each stream as well, as the time for 16 KB, and the stream is reset; on a WebSocket it is
    /// the time in which nothing of what is sent is taken.
    pub fn write_timeout(mut self, limit: Duration) -> Self {
        self.settings.write_timeout = limit.min(LONGEST);
        self
    }

    /// How long a handler goes on after its client has closed its own half of the connection: 30 s by default. Then it is dropped, at
    /// the `await` where it stands.
    ///
    /// Such a client may still read, as `nc` does, or may have left: TCP does not tell. So its request is answered, and nothing that
    /// a handler does by halves stays undone because a browser was closed. A connection that is reset, and a stream that a client of
    /// HTTP/2 resets, drop the handler at once, and so does a body that ends too early.
    pub fn half_close_timeout(mut self, limit: Duration) -> Self {
        self.settings.half_close_timeout = limit.min(LONGEST);
        self
    }

    /// How long a client may send nothing in the middle of a body: [`App::body_timeout`].
    pub fn body_timeout(mut self, limit: Duration) -> Self {
        self.app = self.app.body_timeout(limit);
        self
    }

    /// How many bytes a second a client has to send of a body, on average: [`App::min_body_rate`].
    pub fn min_body_rate(mut self, bytes_per_second: u32) -> Self {
        self.app = self.app.min_body_rate(bytes_per_second);
        self
    }

    /// How many headers a request may have: who sends more gets a 431. Above 100, an allocation a request.
    pub fn max_headers(mut self, limit: usize) -> Self {
        self.settings.set_max_headers(limit);
        self
    }

    /// How long the head of a request may be, in bytes: who sends more gets a 431. Less than 8192 is taken as that.
    pub fn max_header_bytes(mut self, limit: usize) -> Self {
        self.settings.set_max_header_bytes(limit);
        self
    }

    /// How many connections there may be. More wait in the system's queue.
    pub fn max_connections(mut self, limit: usize) -> Self {
        self.max_connections = limit;
        self
    }

    /// How many connections one client may have: one address, or of version 6 one network of 64 bits. More are closed at once. Behind a proxy
    /// all clients are one.
    pub fn max_connections_per_peer(mut self, limit: usize) -> Self {
        self.max_connections_per_peer = Some(limit);
        self
    }

    /// How many streams a client may have open on a connection of HTTP/2.
    #[cfg(feature = "http2")]
    pub fn max_streams(mut self, limit: u32) -> Self {
        self.settings.max_streams = limit;
        self
    }

    /// How many bytes of complete response bodies the server keeps for a connection of HTTP/2 whose client does not take
    /// them: 16 MiB by default. Beyond it no further request of the connection is begun until the client takes some; a request that
    /// waits for that longer than the [`write_timeout`](Server::write_timeout) is answered with status 503.
    ///
    /// A body that is a stream, such as a file, is made while it is sent and counts for nothing. What handlers that have begun
    /// answer with is kept in any case: one handler's body may be longer than the limit.
    #[cfg(feature = "http2")]
    pub fn max_response_backlog(mut self, bytes: usize) -> Self {
        self.settings.max_backlog = bytes.max(1);
        self
    }

    /// Whether clients may speak HTTP/2 where there is no TLS, if they know that they can (RFC 9113, section 3.3): a
    /// proxy, a service of one's own. They may, unless it is said otherwise.
    #[cfg(feature = "http2")]
    pub fn http2_prior_knowledge(mut self, on: bool) -> Self {
        self.settings.http2 = on;
        self
    }
}

/// Until when.
impl<C: Chain> Server<C> {
    /// The shutdown that ends the server, beside the signals, and by which others learn of it.
    pub fn shutdown(mut self, shutdown: &Shutdown) -> Self {
        self.shutdown = shutdown.clone();
        self
    }

    /// How long all goes on as before after the shutdown has started: for a balancer, which learns of it by a health
    /// check that looks at the [`Shutdown`], and is to send no more requests before the server takes no more.
    pub fn shutdown_delay(mut self, delay: Duration) -> Self {
        self.shutdown_delay = delay;
        self
    }

    /// How long requests may go on once no more are taken; those that take longer are dropped.
    pub fn shutdown_timeout(mut self, limit: Duration) -> Self {
        self.shutdown_timeout = limit;
        self
    }

    /// Binds the addresses, so that they are known before the server runs.
    ///
    /// ```
    /// # use connect::{app, get};
    /// # #[get("/")] fn index() -> &'static str { "" }
    /// let server = app![index].server().listen("127.0.0.1:0").bind().unwrap();
    /// assert_ne!(server.addresses()[0].port(), 0);
    /// ```
    ///
    /// # Errors
    /// If no address was given, or one cannot be had, for example because it is in use: then the error names it.
    pub fn bind(mut self) -> io::Result<BoundServer<C>> {
        if self.wanted.is_empty() {
            let why = "the server has no address: give it one by `listen`";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
        }
        let bound = bind(std::mem::take(&mut self.wanted), self.workers.is_some())?;
        let places = Places::new(self.max_connections, self.max_connections_per_peer);
        let shared =
            Shared { settings: Arc::new(self.settings), places: Arc::new(places), shutdown: self.shutdown };
        let engine = Engine {
            bound,
            workers: self.workers,
            shared,
            delay: self.shutdown_delay,
            timeout: self.shutdown_timeout,
        };
        Ok(BoundServer::new(self.app, engine, self.banner))
    }

    /// Serves until Ctrl-C or SIGTERM, or until the [`Shutdown`] is started.
    ///
    /// Then no more connections are taken, those that are idle are closed, and it returns when the requests that are
    /// running have been answered, or their time is over ([`shutdown_timeout`](Server::shutdown_timeout)); at a second signal it
    /// returns at once, and drops them. It needs a tokio runtime around it, with I/O and time enabled.
    ///
    /// # Errors
    /// As [`bind`](Server::bind), and if the signals cannot be listened to or a thread cannot be started.
    pub async fn run(self) -> io::Result<()> {
        self.bind()?.run().await
    }

    /// Serves until a future is ready, instead of signals, or until the [`Shutdown`] is started.
    ///
    /// # Errors
    /// As [`bind`](Server::bind), and if a thread cannot be started.
    pub async fn run_until(self, shutdown: impl Future) -> io::Result<()> {
        self.bind()?.run_until(shutdown).await
    }

    /// [`run`](Server::run) for a `main` that is not `async`: the threads are the [`workers`](Server::workers), one for each
    /// core if nothing is said.
    ///
    /// # Errors
    /// As [`run`](Server::run).
    pub fn run_blocking(mut self) -> io::Result<()> {
        if self.workers.is_none() {
            self = self.workers(0);
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(self.run())
    }
}

impl<C: Chain> fmt::Debug for Server<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("app", &self.app)
            .field("workers", &self.workers)
            .finish_non_exhaustive()
    }
}

/// A socket that listens already: see [`Server::listener`].
pub struct Listener(Wanted);

impl From<std::net::TcpListener> for Listener {
    fn from(listener: std::net::TcpListener) -> Self {
        Listener(Wanted::Bound(Ok(Bound::Tcp(listener, false))))
    }
}

impl From<tokio::net::TcpListener> for Listener {
    fn from(listener: tokio::net::TcpListener) -> Self {
        Listener(Wanted::Bound(listener.into_std().map(|listener| Bound::Tcp(listener, false))))
    }
}

#[cfg(unix)]
impl From<std::os::unix::net::UnixListener> for Listener {
    fn from(listener: std::os::unix::net::UnixListener) -> Self {
        Listener(Wanted::Bound(Ok(Bound::Unix(listener, None))))
    }
}

#[cfg(unix)]
impl From<tokio::net::UnixListener> for Listener {
    fn from(listener: tokio::net::UnixListener) -> Self {
        Listener(Wanted::Bound(listener.into_std().map(|listener| Bound::Unix(listener, None))))
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Listener")
    }
}
