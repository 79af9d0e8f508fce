//! Taking in connections.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
#[cfg(unix)]
use tokio::net::UnixListener;

use super::answer::Answer;
use super::bind::{Bound, Removed};
use super::connection::{self, Stream};
use super::settings::Settings;
use crate::connection::{Places, Shutdown, Stage};

/// How long to wait after an `accept` that failed for want of file descriptors or memory, before the next.
const PAUSE: Duration = Duration::from_millis(100);

/// How long a closing listener is asked for connections that the system has taken in, each time.
const LAST_ACCEPT: Duration = Duration::from_millis(5);

/// What all listeners of a server share.
#[derive(Clone)]
pub(super) struct Shared {
    pub(super) settings: Arc<Settings>,
    pub(super) places: Arc<Places>,
    pub(super) shutdown: Shutdown,
}

/// A listener in a runtime.
enum Listener {
    Tcp(TcpListener),
    #[cfg(unix)]
    Unix(UnixListener, #[allow(dead_code, reason = "its file goes with it")] Option<Removed>),
}

impl Listener {
    fn new(bound: Bound) -> io::Result<Self> {
        Ok(match bound {
            Bound::Tcp(listener) => {
                listener.set_nonblocking(true)?;
                Listener::Tcp(TcpListener::from_std(listener)?)
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
            Listener::Tcp(listener) => {
                listener.accept().await.map(|(stream, peer)| Stream::Tcp(stream, peer))
            }
            #[cfg(unix)]
            Listener::Unix(listener, _) => listener.accept().await.map(|(stream, _)| Stream::Unix(stream)),
        }
    }
}

/// Accepts connections until the server closes, and then those that the system has already taken in.
pub(super) async fn accept(app: impl Answer, bound: Bound, shared: Shared) -> io::Result<()> {
    let listener = Listener::new(bound)?;
    let until_closing = async {
        loop {
            let place = shared.places.free().await;
            match listener.accept().await {
                Ok(stream) => start(&app, &shared, stream, place),
                Err(err) if is_of_the_connection(&err) => {}
                Err(err) => {
                    tracing::error!("cannot accept a connection: {err}");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    };
    tokio::select! {
        () = shared.shutdown.reaches(Stage::Closing) => {}
        () = until_closing => {}
    }
    // Closing the socket would reset those in its queue, whose clients may have sent their requests.
    while let Ok(Ok(stream)) = tokio::time::timeout(LAST_ACCEPT, listener.accept()).await {
        let Ok(place) = tokio::time::timeout(Duration::ZERO, shared.places.free()).await else { break };
        start(&app, &shared, stream, place);
    }
    Ok(())
}

fn start(app: &impl Answer, shared: &Shared, stream: Stream, place: crate::connection::Place) {
    let peer = stream.peer().map(|peer| peer.ip());
    let Some(place) = shared.places.take(place, peer) else {
        tracing::debug!(?peer, "connection closed: the client has too many");
        return;
    };
    let serve =
        connection::serve(app.clone(), Arc::clone(&shared.settings), shared.shutdown.clone(), stream, place);
    tokio::spawn(serve);
}

/// Errors of `accept` that concern the one connection which just failed, and not the listener.
fn is_of_the_connection(err: &io::Error) -> bool {
    matches!(
        err.kind(),
        io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
    )
}
