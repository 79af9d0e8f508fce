//! The settings of a server, before it runs.

use std::fmt;
use std::io;
use std::num::NonZero;
#[cfg(unix)]
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::accept::Shared;
use super::address::Address;
use super::bind::{Bound, ListenSpec, addresses, bind};
use super::run::{BoundServer, ServerParts};
use super::settings::Settings;
use crate::chain::Chain;
use crate::connection::ConnectionLimit;
use crate::{App, Outermost, Shutdown};

/// An app with the settings to serve it: addresses, worker threads, limits, shutdown.
///
/// [`App::server`] makes one; [`run`](Server::run) serves until Ctrl-C or SIGTERM, or until its [`Shutdown`] is started.
///
/// | what | default |
/// |---|---|
/// | threads | those of the runtime that it runs in ([`workers`](Server::workers)) |
/// | head of a request | 30 s ([`header_timeout`](Server::header_timeout)), 65,536 bytes, 100 headers |
/// | body of a request | 30 s without a byte ([`App::body_timeout`]), 240 bytes a second ([`App::min_body_rate`]), 102,400 bytes ([`body_limit`](crate::body_limit())) |
/// | time between two requests of a connection | 75 s ([`keep_alive_timeout`](Server::keep_alive_timeout)) |
/// | time while a client reads nothing of a response, or of one stream of HTTP/2 | 60 s ([`write_timeout`](Server::write_timeout)) |
/// | open connections | 25,000 ([`max_connections`](Server::max_connections)), from one client as many |
/// | time for a handler after its client has closed its half of the connection | 30 s ([`half_close_timeout`](Server::half_close_timeout)) |
/// | open streams of an HTTP/2 connection | 100 |
/// | complete response bodies that the client of an HTTP/2 connection does not read | 16 MiB |
/// | time for running requests after the shutdown has started | 30 s ([`shutdown_timeout`](Server::shutdown_timeout)) |
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
    wanted: Vec<ListenSpec>,
    workers: Option<usize>,
    settings: Settings,
    max_connections: usize,
    max_connections_per_peer: Option<usize>,
    shutdown: Shutdown,
    shutdown_delay: Duration,
    shutdown_timeout: Duration,
    banner: bool,
}

/// The longest timeout. A longer one could overflow when it is added to the present time.
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

/// Binding addresses, TLS and worker threads.
impl<C: Chain> Server<C> {
    /// Adds a TCP address to bind: `"127.0.0.1:3000"`, `("127.0.0.1", port)`. It can be called several times.
    ///
    /// Of a name with several addresses, the server binds the first that it can. An address that cannot be bound is an
    /// error of [`bind`](Server::bind) and of the `run` methods, not of this one.
    pub fn listen(mut self, address: impl Address) -> Self {
        self.wanted.push(ListenSpec::Addresses(addresses(&address), false));
        self
    }

    /// Adds a Unix socket to bind. It can be called several times.
    ///
    /// The server creates the socket's file and removes it when it stops. It replaces a file that a server which no
    /// longer runs has left. The permissions of the folder decide which users may connect.
    #[cfg(unix)]
    pub fn listen_unix(mut self, path: impl AsRef<Path>) -> Self {
        self.wanted.push(ListenSpec::Path(path.as_ref().to_owned()));
        self
    }

    /// Adds a socket that is already bound, for example by a test or by a supervisor such as systemd. It can be called
    /// several times.
    pub fn listener(mut self, listener: impl Into<Listener>) -> Self {
        self.wanted.push(listener.into().0);
        self
    }

    /// Expects the PROXY protocol on the address or listener that was added last: off by default.
    ///
    /// Each connection then begins with a header of version 1 or 2, in which a load balancer that does not read HTTP sends
    /// the address of the client: HAProxy's `send-proxy-v2`, `proxy_protocol on` of nginx's stream module, AWS's network
    /// load balancers. [`req.peer()`](crate::Request::peer) is that address.
    ///
    /// The server closes a connection without the header, or with one that takes longer than the
    /// [`header_timeout`](Server::header_timeout). With TLS the header comes before the handshake. Use it only where
    /// nothing but the load balancer can connect, because the server believes any client that sends the header.
    /// `max_connections_per_peer` counts the load balancer's connections.
    ///
    /// ```no_run
    /// # use connect::{app, get};
    /// # #[get("/")] fn index() -> &'static str { "" }
    /// # fn main() -> std::io::Result<()> {
    /// // One address for the load balancer, and one for health checks.
    /// app![index].server().listen("0.0.0.0:3000").proxy_protocol().listen("127.0.0.1:3001").run_blocking()
    /// # }
    /// ```
    ///
    /// [`bind`](Server::bind) fails if what was added last is not a TCP address or listener.
    #[cfg(feature = "proxy-protocol")]
    pub fn proxy_protocol(mut self) -> Self {
        match self.wanted.last_mut() {
            Some(ListenSpec::Addresses(_, proxied) | ListenSpec::Bound(Ok(Bound::Tcp(_, proxied)))) => {
                *proxied = true;
            }
            _ => {
                let why = "call `proxy_protocol` after the TCP address that it applies to: `.listen(address).proxy_protocol()`";
                let err = io::Error::new(io::ErrorKind::InvalidInput, why);
                self.wanted.push(ListenSpec::Bound(Err(err)));
            }
        }
        self
    }

    /// Encrypts all TCP connections, with this certificate: none by default. Unix sockets stay unencrypted.
    #[cfg(feature = "tls")]
    pub fn tls(mut self, tls: super::Tls) -> Self {
        self.settings.tls = Some(tls);
        self
    }

    /// Sets the number of worker threads, each with a runtime and a listener of its own; 0 for one for each core.
    ///
    /// The kernel distributes connections among the workers. A request stays on its worker: no lock is shared between two of
    /// them, and a handler that blocks stalls only its own worker. By default the server uses the runtime that it runs in,
    /// and [`run_blocking`](Server::run_blocking) one worker for each core.
    pub fn workers(mut self, threads: usize) -> Self {
        let cores = || std::thread::available_parallelism().map_or(1, NonZero::get);
        self.workers = Some(if threads == 0 { cores() } else { threads });
        self
    }

    /// Sets whether the server prints its stack and its addresses when it starts: on by default.
    ///
    /// It prints them to standard error, in [`Environment::Development`](crate::Environment::Development) alone. In every
    /// environment it emits an event of [`tracing`] for each address. Off, it does neither.
    pub fn banner(mut self, on: bool) -> Self {
        self.banner = on;
        self
    }
}

/// Limits and timeouts.
impl<C: Chain> Server<C> {
    /// Sets how long a client may take for a request head, from its first byte to its last: 30 seconds by default.
    ///
    /// It also applies to the wait for the first request of a connection, to TLS's handshake and to the header of the PROXY
    /// protocol. A client that has sent a part of a head by then gets a 408; without one byte of it, the connection is
    /// closed.
    pub fn header_timeout(mut self, limit: Duration) -> Self {
        self.settings.header_timeout = limit.min(LONGEST);
        self
    }

    /// Sets how long a connection stays open between two requests: 75 seconds by default. Then the server closes it.
    pub fn keep_alive_timeout(mut self, limit: Duration) -> Self {
        self.settings.keep_alive_timeout = limit.min(LONGEST);
        self
    }

    /// Sets how long a client may read nothing of a response that is being sent: 60 seconds by default. Then the server
    /// closes the connection.
    ///
    /// In HTTP/2 it applies to each stream as well, as the time for 16 KB, and the server resets the stream. On a WebSocket
    /// it is the time in which the client reads nothing of what is sent.
    pub fn write_timeout(mut self, limit: Duration) -> Self {
        self.settings.write_timeout = limit.min(LONGEST);
        self
    }

    /// Sets how long a handler runs on after its client has closed its own half of the connection: 30 seconds by default.
    /// Then it is dropped, at the `await` where it is suspended.
    ///
    /// Such a client may still read, as `nc` does, or may have disconnected: TCP does not tell the two apart. So the server
    /// sends its response, and a closed browser does not stop a handler half way. A connection that is reset, and a stream
    /// that a client of HTTP/2 resets, drop the handler at once; reading a body that ends too early fails with status 400.
    pub fn half_close_timeout(mut self, limit: Duration) -> Self {
        self.settings.half_close_timeout = limit.min(LONGEST);
        self
    }

    /// Sets how long a client may send nothing in the middle of a request body: 30 seconds by default. See
    /// [`App::body_timeout`].
    pub fn body_timeout(mut self, limit: Duration) -> Self {
        self.app = self.app.body_timeout(limit);
        self
    }

    /// Sets how many bytes a second a client has to send of a request body, on average: 240 by default, 0 for no limit. See
    /// [`App::min_body_rate`].
    pub fn min_body_rate(mut self, bytes_per_second: u32) -> Self {
        self.app = self.app.min_body_rate(bytes_per_second);
        self
    }

    /// Sets how many headers a request may have: 100 by default. A client that sends more gets a 431. A limit above 100
    /// costs one allocation for each request.
    pub fn max_headers(mut self, limit: usize) -> Self {
        self.settings.set_max_headers(limit);
        self
    }

    /// Sets how long a request head may be, in bytes: 65,536 by default. A client that sends more gets a 431. Less than 8192
    /// counts as 8192.
    pub fn max_header_bytes(mut self, limit: usize) -> Self {
        self.settings.set_max_header_bytes(limit);
        self
    }

    /// Sets how many connections may be open at a time: 25,000 by default. More wait in the kernel's queue.
    pub fn max_connections(mut self, limit: usize) -> Self {
        self.max_connections = limit;
        self
    }

    /// Sets how many connections one client may have open at a time: by default no limit but that of all clients. The
    /// server closes further ones as soon as it has accepted them.
    ///
    /// A client is one IPv4 address or one IPv6 network of 64 bits; all clients behind a proxy count as one.
    pub fn max_connections_per_peer(mut self, limit: usize) -> Self {
        self.max_connections_per_peer = Some(limit);
        self
    }

    /// Sets how many streams a client may have open at a time on a connection of HTTP/2: 100 by default.
    #[cfg(feature = "http2")]
    pub fn max_streams(mut self, limit: u32) -> Self {
        self.settings.max_streams = limit;
        self
    }

    /// Sets how many bytes of complete response bodies the server keeps for a connection of HTTP/2 whose client does not
    /// read them: 16 MiB by default.
    ///
    /// Beyond the limit the connection's other requests wait until the client reads. A request that waits longer than
    /// the [`write_timeout`](Server::write_timeout) is answered with status 503. A body that is a stream, such as a
    /// file, is produced while it is sent, and does not count. The server keeps the bodies of handlers that have begun
    /// in any case, so one body may be longer than the limit.
    #[cfg(feature = "http2")]
    pub fn max_response_backlog(mut self, bytes: usize) -> Self {
        self.settings.max_backlog = bytes.max(1);
        self
    }

    /// Sets whether clients may speak HTTP/2 without TLS, by prior knowledge (RFC 9113, section 3.3): on by default.
    ///
    /// Such a client is usually a proxy, or another service of your own.
    #[cfg(feature = "http2")]
    pub fn http2_prior_knowledge(mut self, on: bool) -> Self {
        self.settings.http2 = on;
        self
    }
}

/// Graceful shutdown, and running.
impl<C: Chain> Server<C> {
    /// Sets the [`Shutdown`] that can start the server's shutdown, as signals do, and that other tasks can observe. By
    /// default the server has one of its own.
    pub fn shutdown(mut self, shutdown: &Shutdown) -> Self {
        self.shutdown = shutdown.clone();
        self
    }

    /// Sets how long the server continues as before once the shutdown has started: 0 seconds by default.
    ///
    /// In this time a load balancer learns of the shutdown from a health check that reads the [`Shutdown`], and stops
    /// sending requests before the server stops accepting connections.
    pub fn shutdown_delay(mut self, delay: Duration) -> Self {
        self.shutdown_delay = delay;
        self
    }

    /// Sets how long running requests may take once the server has stopped accepting connections: 30 seconds by default.
    /// Those that take longer are dropped.
    pub fn shutdown_timeout(mut self, limit: Duration) -> Self {
        self.shutdown_timeout = limit;
        self
    }

    /// Binds the addresses, so that they are known before the server runs. Clients can connect already, and wait in the
    /// kernel's queue until it runs.
    ///
    /// ```
    /// # use connect::{app, get};
    /// # #[get("/")] fn index() -> &'static str { "" }
    /// let server = app![index].server().listen("127.0.0.1:0").bind().unwrap();
    /// assert_ne!(server.addresses()[0].port(), 0);
    /// ```
    ///
    /// # Errors
    /// If there is no address, or one cannot be bound, for example because it is in use: the error names it.
    pub fn bind(mut self) -> io::Result<BoundServer<C>> {
        if self.wanted.is_empty() {
            let why = "the server has no address: add one with `listen`";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
        }
        let bound = bind(std::mem::take(&mut self.wanted), self.workers.is_some())?;
        let limit = ConnectionLimit::new(self.max_connections, self.max_connections_per_peer);
        let shared =
            Shared { settings: Arc::new(self.settings), limit: Arc::new(limit), shutdown: self.shutdown };
        let parts = ServerParts {
            bound,
            workers: self.workers,
            shared,
            delay: self.shutdown_delay,
            timeout: self.shutdown_timeout,
            started: None,
        };
        Ok(BoundServer::new(self.app, parts, self.banner))
    }

    /// Serves until Ctrl-C or SIGTERM, or until the [`Shutdown`] is started.
    ///
    /// Then it accepts no more connections, closes idle ones, and returns when the running requests are answered, after
    /// [`shutdown_timeout`](Server::shutdown_timeout) at the latest. At a second signal it returns at once, and drops
    /// them. It needs a tokio runtime with I/O and time enabled.
    ///
    /// # Errors
    /// As [`bind`](Server::bind), and if the server cannot listen for signals or start a thread.
    pub async fn run(self) -> io::Result<()> {
        self.bind()?.run().await
    }

    /// Serves until a future is ready or the [`Shutdown`] is started, without listening for signals.
    ///
    /// # Errors
    /// As [`bind`](Server::bind), and if the server cannot start a thread.
    pub async fn run_until(self, shutdown: impl Future) -> io::Result<()> {
        self.bind()?.run_until(shutdown).await
    }

    /// Serves as [`run`](Server::run) does, for a `main` that is not `async`. The threads are the
    /// [`workers`](Server::workers), by default one for each core.
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

/// A socket that is already bound, for [`Server::listener`]: a TCP or Unix listener of the standard library or of tokio.
pub struct Listener(ListenSpec);

impl From<std::net::TcpListener> for Listener {
    fn from(listener: std::net::TcpListener) -> Self {
        Listener(ListenSpec::Bound(Ok(Bound::Tcp(listener, false))))
    }
}

impl From<tokio::net::TcpListener> for Listener {
    fn from(listener: tokio::net::TcpListener) -> Self {
        Listener(ListenSpec::Bound(listener.into_std().map(|listener| Bound::Tcp(listener, false))))
    }
}

#[cfg(unix)]
impl From<std::os::unix::net::UnixListener> for Listener {
    fn from(listener: std::os::unix::net::UnixListener) -> Self {
        Listener(ListenSpec::Bound(Ok(Bound::Unix(listener, None))))
    }
}

#[cfg(unix)]
impl From<tokio::net::UnixListener> for Listener {
    fn from(listener: tokio::net::UnixListener) -> Self {
        Listener(ListenSpec::Bound(listener.into_std().map(|listener| Bound::Unix(listener, None))))
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Listener")
    }
}
