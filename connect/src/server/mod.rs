//! An app on a socket.

mod answer;
mod signals;

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use http::Request as HttpRequest;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream, ToSocketAddrs};
use tokio::sync::{oneshot, watch};
use tokio::task::JoinSet;

use self::answer::{Answer, serve};
use self::signals::Signals;
use crate::chain::Chain;
use crate::{App, Body, Request};

/// How long a client may take to send the head of a request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);

/// How long a client may send nothing in the middle of a body.
const BODY_STALL: Duration = Duration::from_secs(30);

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
        let (first, second) = oneshot::channel();
        let served = serve(self, listener, second);
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
        let (stop, stopped) = oneshot::channel();
        let mut served = pin!(serve(self, listener, stopped));
        tokio::select! {
            done = served.as_mut() => return done,
            _ = shutdown => drop(stop),
        }
        served.await
    }
}

/// Accepts connections until the other end of the channel is used or gone, and waits for those that are running.
async fn accept(
    app: impl Answer,
    listener: TcpListener,
    mut stopped: oneshot::Receiver<()>,
) -> io::Result<()> {
    if let Ok(address) = listener.local_addr() {
        tracing::info!("listening on http://{address}");
    }
    // The connections, and what became WebSockets, hold a receiver each: so it is known when they have ended.
    let (shutdown, connections) = watch::channel(());
    // Dropping this future ends the connections too.
    let mut tasks = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = &mut stopped => break,
            Some(_) = tasks.join_next() => continue,
        };
        match accepted {
            Ok((stream, peer)) => {
                tasks.spawn(connection(app.clone(), stream, peer, connections.clone()));
            }
            Err(err) if is_of_the_connection(&err) => {}
            Err(err) => {
                tracing::error!("cannot accept a connection: {err}");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    drop(connections);
    // An error says that there are none.
    let _ = shutdown.send(());
    shutdown.closed().await;
    Ok(())
}

/// One connection, from its first byte to its last.
fn connection(
    app: impl Answer,
    stream: TcpStream,
    peer: SocketAddr,
    mut shutdown: watch::Receiver<()>,
) -> impl Future<Output = ()> + Send {
    // Answers are written whole; to wait for more data would only delay them. A socket that refuses the
    // option works all the same.
    let _ = stream.set_nodelay(true);
    #[cfg(feature = "websocket")]
    let drain = crate::websocket::Drain(shutdown.clone());
    let service = hyper::service::service_fn(move |req: HttpRequest<Incoming>| {
        let mut req = Request::from_http(req, |body| Body::from_client(body, BODY_STALL));
        req.set_peer(peer);
        #[cfg(feature = "websocket")]
        drain.attach(&mut req);
        let answer = app.clone().answer(req);
        async move { Ok::<_, Infallible>(answer.await) }
    });
    // Not `pipeline_flush`: with it hyper holds answers back while anything is left to read, and loses them
    // when that turns out to be garbage.
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .serve_connection(TokioIo::new(stream), service);
    #[cfg(feature = "websocket")]
    let connection = connection.with_upgrades();
    async move {
        let mut connection = pin!(connection);
        let ended = tokio::select! {
            ended = &mut connection => ended,
            _ = shutdown.changed() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        match ended {
            Ok(()) => {}
            // A response that cannot be sent, or a stream that failed in the middle of one.
            Err(err) if err.is_user() => tracing::error!(%peer, "connection closed: {err:?}"),
            // The client left, stalled or sent what is not HTTP; it has been answered 400 where it could be.
            Err(err) => tracing::debug!(%peer, "connection closed: {err}"),
        }
    }
}

/// Errors of `accept` that concern the one connection which just failed, and not the listener.
fn is_of_the_connection(err: &io::Error) -> bool {
    matches!(
        err.kind(),
        io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
    )
}
