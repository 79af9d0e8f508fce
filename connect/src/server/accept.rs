//! Taking in connections.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
#[cfg(unix)]
use tokio::net::{UnixListener, UnixStream};

use super::answer::Answer;
use super::bind::{Bound, Removed};
use super::connection::{self, Pools, Stream};
use super::settings::Settings;
use crate::connection::{PeerPlace, Place, Places, Shutdown, Stage, TooMany};

/// How long to wait after an `accept` that failed for want of file descriptors or memory, before the next.
const PAUSE: Duration = Duration::from_millis(100);

/// What all listeners of a server share.
#[derive(Clone)]
pub(super) struct Shared {
    pub(super) settings: Arc<Settings>,
    pub(super) places: Arc<Places>,
    pub(super) shutdown: Shutdown,
}

/// A listener in a runtime.
enum Listener {
    Tcp(TcpListener, bool),
    #[cfg(unix)]
    Unix(UnixListener, #[allow(dead_code, reason = "its file goes with it")] Option<Removed>),
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
    /// Closes it, and gives the connections that the system has taken in until then.
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

/// Accepts connections until the server closes, and then those that the system has already taken in.
pub(super) async fn accept(app: impl Answer, bound: Bound, shared: Shared) -> io::Result<()> {
    let listener = Listener::new(bound)?;
    let pools = connection::pools();
    let start = |accepted: Accepted, place| start(&app, &pools, &shared, accepted, place);
    // The connection that waits for a place. It is accepted first: a listener without connections would else keep a place from
    // the others.
    let mut waiting = None;
    let until_closing = async {
        loop {
            match listener.accept().await {
                Ok(stream) => waiting = admit(&shared.places, stream),
                Err(err) if is_of_the_connection(&err) => {}
                Err(err) => {
                    tracing::error!("cannot accept a connection: {err}");
                    tokio::time::sleep(PAUSE).await;
                }
            }
            if waiting.is_some() {
                let place = shared.places.free().await;
                if let Some(accepted) = waiting.take() {
                    start(accepted, place);
                }
            }
        }
    };
    tokio::select! {
        () = shared.shutdown.reaches(Stage::Closing) => {}
        () = until_closing => {}
    }
    // Closing the socket resets those in its queue, whose clients may have sent their requests: so it is emptied first, and
    // nothing comes between that and the end.
    let last = listener.into_last()?.into_iter().filter_map(|stream| admit(&shared.places, stream));
    for accepted in waiting.into_iter().chain(last) {
        start(accepted, shared.places.one_more());
    }
    Ok(())
}

/// A connection of a client that has not too many.
struct Accepted {
    stream: Stream,
    peer: Option<PeerPlace>,
}

/// Counts a connection for its client, or closes it.
fn admit(places: &Places, stream: Stream) -> Option<Accepted> {
    let peer = stream.peer().map(|peer| peer.ip());
    match places.of_peer(peer) {
        Ok(peer) => Some(Accepted { stream, peer }),
        Err(TooMany) => {
            tracing::debug!(?peer, "connection closed: the client has too many");
            None
        }
    }
}

fn start<A: Answer, F: Future<Output = Infallible> + Send + 'static>(
    app: &A,
    pools: &Pools<A, F>,
    shared: &Shared,
    Accepted { stream, peer }: Accepted,
    place: Place,
) {
    // Counted here and not in the task: the server must not end before that has begun.
    let open = shared.shutdown.open(place, peer);
    let (settings, shutdown) = (Arc::clone(&shared.settings), shared.shutdown.clone());
    tokio::spawn(connection::serve(app.clone(), pools.clone(), settings, shutdown, stream, open));
}

/// Errors of `accept` that concern the one connection which just failed, and not the listener.
fn is_of_the_connection(err: &io::Error) -> bool {
    matches!(
        err.kind(),
        io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
    )
}
