//! Accepting connections.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
#[cfg(unix)]
use tokio::net::{UnixListener, UnixStream};

use super::answer::Answer;
use super::bind::{Bound, SocketFile};
use super::connection::{self, FuturePools, Stream};
use super::settings::Settings;
use crate::connection::{ConnectionLimit, ConnectionPermit, PeerPermit, Shutdown, Stage, TooManyConnections};

/// How long to wait before `accept` is called again after it failed for lack of file descriptors or memory.
const RETRY_DELAY: Duration = Duration::from_millis(100);

/// The state that all listeners of a server share.
#[derive(Clone)]
pub(super) struct Shared {
    pub(super) settings: Arc<Settings>,
    pub(super) limit: Arc<ConnectionLimit>,
    pub(super) shutdown: Shutdown,
}

/// A listener that is registered with the runtime.
enum Listener {
    Tcp(TcpListener, bool),
    #[cfg(unix)]
    Unix(
        UnixListener,
        #[allow(dead_code, reason = "dropping it removes the socket's file")] Option<SocketFile>,
    ),
}

impl Listener {
    fn new(bound: Bound) -> io::Result<Self> {
        Ok(match bound {
            Bound::Tcp(listener, proxied) => {
                listener.set_nonblocking(true)?;
                Listener::Tcp(TcpListener::from_std(listener)?, proxied)
            }
            #[cfg(unix)]
            Bound::Unix(listener, file) => {
                listener.set_nonblocking(true)?;
                Listener::Unix(UnixListener::from_std(listener)?, file)
            }
        })
    }

    async fn accept(&self) -> io::Result<Stream> {
        match self {
            Listener::Tcp(listener, proxied) => {
                listener.accept().await.map(|(stream, peer)| Stream::Tcp(stream, peer, *proxied))
            }
            #[cfg(unix)]
            Listener::Unix(listener, _) => listener.accept().await.map(|(stream, _)| Stream::Unix(stream)),
        }
    }
}

impl Listener {
    /// Closes the listener, and returns the connections that were still in the kernel's queue.
    fn into_last(self) -> io::Result<Vec<Stream>> {
        match self {
            Listener::Tcp(listener, proxied) => {
                let listener = listener.into_std()?;
                let last: Vec<_> = std::iter::from_fn(|| listener.accept().ok()).collect();
                drop(listener);
                let stream = |(stream, peer): (std::net::TcpStream, _)| {
                    stream.set_nonblocking(true)?;
                    Ok(Stream::Tcp(TcpStream::from_std(stream)?, peer, proxied))
                };
                last.into_iter().map(stream).collect()
            }
            #[cfg(unix)]
            Listener::Unix(listener, _file) => {
                let listener = listener.into_std()?;
                let last: Vec<_> = std::iter::from_fn(|| listener.accept().ok()).collect();
                drop(listener);
                let stream = |(stream, _): (std::os::unix::net::UnixStream, _)| {
                    stream.set_nonblocking(true)?;
                    Ok(Stream::Unix(UnixStream::from_std(stream)?))
                };
                last.into_iter().map(stream).collect()
            }
        }
    }
}

/// Accepts connections until the shutdown reaches [`Stage::Closing`], and then those that are left in the kernel's
/// queue.
pub(super) async fn accept(app: impl Answer, bound: Bound, shared: Shared) -> io::Result<()> {
    let listener = Listener::new(bound)?;
    let pools = connection::pools();
    let start = |accepted: Accepted, permit| start(&app, &pools, &shared, accepted, permit);
    // The connection that waits for a permit. It is accepted before it has one, so that a listener without connections
    // does not hold a permit that another listener could use.
    let mut waiting = None;
    let until_closing = async {
        loop {
            match listener.accept().await {
                Ok(stream) => waiting = admit(&shared.limit, stream),
                Err(err) if is_connection_error(&err) => {}
                Err(err) => {
                    tracing::error!("cannot accept a connection: {err}");
                    tokio::time::sleep(RETRY_DELAY).await;
                }
            }
            if waiting.is_some() {
                let permit = shared.limit.acquire().await;
                if let Some(accepted) = waiting.take() {
                    start(accepted, permit);
                }
            }
        }
    };
    tokio::select! {
        () = shared.shutdown.wait_for(Stage::Closing) => {}
        () = until_closing => {}
    }
    // Closing the socket would reset the connections in its queue, whose clients may already have sent a request. So
    // the queue is emptied first, without an `await` in between.
    let last = listener.into_last()?.into_iter().filter_map(|stream| admit(&shared.limit, stream));
    for accepted in waiting.into_iter().chain(last) {
        start(accepted, shared.limit.acquire_beyond());
    }
    Ok(())
}

/// A connection that is within the limit of its client.
struct Accepted {
    stream: Stream,
    peer: Option<PeerPermit>,
}

/// Counts a connection for its client. Closes it if the client has `max_connections_per_peer` already.
fn admit(limit: &ConnectionLimit, stream: Stream) -> Option<Accepted> {
    let peer = stream.peer().map(|peer| peer.ip());
    match limit.acquire_for_peer(peer) {
        Ok(peer) => Some(Accepted { stream, peer }),
        Err(TooManyConnections) => {
            tracing::debug!(
                ?peer,
                "connection closed: its client has `max_connections_per_peer` connections open"
            );
            None
        }
    }
}

fn start<A: Answer, F: Future<Output = Infallible> + Send + 'static>(
    app: &A,
    pools: &FuturePools<A, F>,
    shared: &Shared,
    Accepted { stream, peer }: Accepted,
    permit: ConnectionPermit,
) {
    // Counted here and not in the task, so that the server cannot stop before the task has begun.
    let open = shared.shutdown.open(permit, peer);
    let (settings, shutdown) = (Arc::clone(&shared.settings), shared.shutdown.clone());
    tokio::spawn(connection::serve(app.clone(), pools.clone(), settings, shutdown, stream, open));
}

/// Whether an error of `accept` concerns only the connection that was being accepted, and not the listener.
fn is_connection_error(err: &io::Error) -> bool {
    matches!(
        err.kind(),
        io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
    )
}
