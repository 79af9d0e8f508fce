//! An app on a socket.

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use http::Request as HttpRequest;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream, ToSocketAddrs};
use tokio::task::JoinSet;

use crate::chain::Chain;
use crate::{App, Body, Request};

/// How long a client may take to send the head of a request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);

/// How long a client may send nothing in the middle of a body.
const BODY_STALL: Duration = Duration::from_secs(30);

/// How much of a body that no layer has read is read before the answer, and for how long. A client that is still
/// sending would else find the connection reset, and never read the answer.
const UNREAD: (usize, Duration) = (1 << 20, Duration::from_secs(2));

/// How long to wait after an `accept` that failed for want of file descriptors or memory, before the next.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

impl<C: Chain> App<C> {
    /// Serves the app at an address, until Ctrl-C or SIGTERM.
    ///
    /// Then no more connections are accepted, idle ones are closed, and it returns when the requests that are
    /// running have been answered; at a second signal it returns at once, and drops them. It needs a tokio runtime around it, with
    /// I/O and time enabled.
    ///
    /// To learn the address of a port that the system chose (`"127.0.0.1:0"`), bind a [`TcpListener`] and use
    /// [`serve`](App::serve).
    ///
    /// # Errors
    /// If the address is not one, or cannot be had, for example because it is in use: then the error names it.
    pub async fn listen(self, address: impl ToSocketAddrs) -> io::Result<()> {
        let addresses: Vec<SocketAddr> = tokio::net::lookup_host(address).await?.collect();
        let listener = TcpListener::bind(&addresses[..]).await.map_err(|err| {
            let names: Vec<String> = addresses.iter().map(SocketAddr::to_string).collect();
            io::Error::new(err.kind(), format!("cannot listen on {}: {err}", names.join(", ")))
        })?;
        self.serve(listener).await
    }

    /// Serves the app on a listener, like [`listen`](App::listen).
    ///
    /// # Errors
    /// If the signals cannot be listened to.
    pub async fn serve(self, listener: TcpListener) -> io::Result<()> {
        let mut signals = Signals::new()?;
        let (first, second) = tokio::sync::oneshot::channel();
        let served = self.serve_until(listener, second);
        tokio::select! {
            served = served => served,
            () = async {
                signals.next().await;
                // The server cannot be gone: it is polled beside this.
                let _ = first.send(());
                signals.next().await;
            } => Ok(()),
        }
    }

    /// Serves the app on a listener until a future is ready, and then ends as [`listen`](App::listen) does.
    ///
    /// # Errors
    /// None at present: a connection that fails ends by itself, and an `accept` that fails is tried again.
    pub async fn serve_until(self, listener: TcpListener, shutdown: impl Future) -> io::Result<()> {
        if let Ok(address) = listener.local_addr() {
            tracing::info!("listening on http://{address}");
        }
        let connections = GracefulShutdown::new();
        // Dropping this future ends the connections too.
        let mut tasks = JoinSet::new();
        let mut shutdown = pin!(shutdown);
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                _ = shutdown.as_mut() => break,
                Some(_) = tasks.join_next() => continue,
            };
            match accepted {
                Ok((stream, peer)) => self.spawn(stream, peer, &connections, &mut tasks),
                Err(err) if is_of_the_connection(&err) => {}
                Err(err) => {
                    tracing::error!("cannot accept a connection: {err}");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
        drop(listener);
        connections.shutdown().await;
        Ok(())
    }

    fn spawn(
        &self,
        stream: TcpStream,
        peer: SocketAddr,
        connections: &GracefulShutdown,
        tasks: &mut JoinSet<()>,
    ) {
        // Answers are written whole; to wait for more data would only delay them. A socket that refuses the
        // option works all the same.
        let _ = stream.set_nodelay(true);
        let app = self.clone();
        let service = hyper::service::service_fn(move |req: HttpRequest<Incoming>| {
            let app = app.clone();
            async move {
                let mut req = Request::from_http(req, |body| Body::from_client(body, BODY_STALL));
                req.set_peer(peer);
                let response = app.respond(&mut req).await;
                discard(&mut req).await;
                Ok::<_, std::convert::Infallible>(response)
            }
        });
        // Not `pipeline_flush`: with it hyper holds answers back while anything is left to read, and loses them
        // when that turns out to be garbage.
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIMEOUT)
            .serve_connection(TokioIo::new(stream), service);
        let connection = connections.watch(connection);
        tasks.spawn(async move {
            match connection.await {
                Ok(()) => {}
                // A response that cannot be sent, or a stream that failed in the middle of one.
                Err(err) if err.is_user() => tracing::error!(%peer, "connection closed: {err:?}"),
                // The client left, stalled or sent what is not HTTP; it has been answered 400 where it could be.
                Err(err) => tracing::debug!(%peer, "connection closed: {err}"),
            }
        });
    }
}

/// Reads what nobody has read of a body, within limits, and forgets it.
async fn discard(req: &mut Request) {
    use http_body::Body as _;
    // Who asks first (`Expect: 100-continue`) has not sent it yet, and reading would be the permission.
    if req.body().is_end_stream() || req.headers().contains_key(http::header::EXPECT) {
        return;
    }
    let (limit, time) = UNREAD;
    let read = async {
        let mut bytes = 0;
        while let Some(Ok(chunk)) = req.body_mut().chunk().await {
            bytes += chunk.len();
            if bytes > limit {
                break;
            }
        }
    };
    // Too slow or too long: then the answer goes out now, and hyper closes the connection after it.
    let _ = tokio::time::timeout(time, read).await;
}

/// Errors of `accept` that concern the one connection which just failed, and not the listener.
fn is_of_the_connection(err: &io::Error) -> bool {
    matches!(
        err.kind(),
        io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
    )
}

/// Ctrl-C and, on Unix, SIGTERM.
struct Signals {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

impl Signals {
    #[cfg(unix)]
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Signals {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    #[cfg(unix)]
    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }

    #[cfg(not(unix))]
    fn new() -> io::Result<Self> {
        Ok(Signals {})
    }

    #[cfg(not(unix))]
    async fn next(&mut self) {
        // An error says that there will be no signal: then the server just runs on.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
