//! Serving one connection, from its first byte to its last.

#[cfg(feature = "http2")]
mod backlog;
mod io;
mod pool;
#[cfg(feature = "proxy-protocol")]
mod proxy;
mod requests;
mod stream;
#[cfg(feature = "http2")]
mod streams;
mod task;
mod valid;
mod write_buffer;

use std::convert::Infallible;
use std::sync::{Arc, Weak};

use self::io::{ConnectionState, Io};
pub(super) use self::pool::FuturePools;
use self::pool::{FuturePool, run_detached};
use self::requests::Serving;
use self::requests::answer_all;
pub(super) use self::stream::Stream;
use self::stream::{ReadHalf, WriteHalf};
use self::task::ConnectionTask;
use super::answer::Answer;
use super::settings::Settings;
#[cfg(feature = "http2")]
use crate::chain::erased::erased;
#[cfg(feature = "tls")]
use crate::connection::Stage;
#[cfg(feature = "tls")]
use crate::connection::TlsInfo;
use crate::connection::{Connection, ConnectionInfo, Ended, OpenConnection, Shutdown, drop_because};
use crate::error::chain;

/// Makes the future pools of a listener.
pub(super) fn pools<A: Answer>() -> FuturePools<A, impl Future<Output = Infallible> + Send + 'static> {
    FuturePools {
        http1: FuturePool::new(|slot| Box::pin(answer_all(slot)), run_detached),
        #[cfg(feature = "http2")]
        http2: FuturePool::new(|slot| erased(|| answer_all(slot)), run_detached),
    }
}

/// Serves a connection until it is closed.
pub(super) async fn serve<A: Answer, F: Future<Output = Infallible> + Send + 'static>(
    app: A,
    pools: FuturePools<A, F>,
    settings: Arc<Settings>,
    shutdown: Shutdown,
    stream: Stream,
    open: OpenConnection,
) {
    stream.set_nodelay();
    #[cfg(feature = "proxy-protocol")]
    let Some(stream) = proxy::client(stream, &settings, &shutdown).await else { return };
    let (peer, local) = (stream.peer(), stream.local());
    let Some(negotiated) = negotiate(stream, &settings, &shutdown).await else { return };
    let (halves, is_http2) = (negotiated.halves, negotiated.is_http2);
    // Unix sockets are served without TLS.
    let encrypted = settings.is_encrypted() && peer.is_some();
    let info = ConnectionInfo {
        peer,
        local,
        #[cfg(feature = "tls")]
        tls: negotiated.tls,
    };
    let connection = Connection {
        info,
        encrypted,
        shutdown: shutdown.clone(),
        #[cfg(feature = "websocket")]
        write_timeout: settings.write_timeout,
        half_close: Default::default(),
        sending: Default::default(),
        _open: open,
    };
    let (io, state) = Io::new(connection, halves, !is_http2, settings.http2 && !encrypted);
    let serving = Arc::new(Serving {
        app,
        state: Arc::clone(&state),
        #[cfg(feature = "http2")]
        settings: Arc::clone(&settings),
    });
    let state_of_task = Arc::downgrade(&state);
    let task = ConnectionTask::new(serving, state, settings, io, pools, is_http2);
    let mut running = Running { task: Some(task), state: state_of_task, has_ended: false };
    let result = match &mut running.task {
        Some(task) => task.run(&shutdown).await,
        None => Ok(()),
    };
    running.has_ended = true;
    drop(running);
    match result {
        Ok(()) => {}
        // A response that cannot be sent, or a body stream that failed.
        Err(err) if task::is_server_error(&err) => {
            tracing::error!(peer = peer.map(display), "connection closed: {}", chain(&err));
        }
        // The client disconnected, stalled, or sent what is not HTTP, which was answered with a 400 where that was
        // possible.
        Err(err) => tracing::debug!(peer = peer.map(display), "connection closed: {err}"),
    }
}

/// A connection's task. Dropped, it tells the requests that are dropped with it why they are.
struct Running<T> {
    task: Option<T>,
    // Weak: the connection's `Arc`s count those who use it.
    state: Weak<ConnectionState>,
    /// Otherwise its runtime ends.
    has_ended: bool,
}

impl<T> Drop for Running<T> {
    fn drop(&mut self) {
        let task = self.task.take();
        let Some(state) = self.state.upgrade() else { return };
        let sending = &state.connection.sending;
        if !self.has_ended {
            sending.ends_because(Ended::Shutdown);
        }
        drop_because(sending.why_not(), || drop(task));
    }
}

/// A stream, after the TLS handshake if there is one.
struct Negotiated {
    halves: (ReadHalf, WriteHalf),
    is_http2: bool,
    #[cfg(feature = "tls")]
    tls: Option<TlsInfo>,
}

impl Negotiated {
    fn plain(stream: Stream) -> Self {
        Negotiated {
            halves: stream.split(),
            is_http2: false,
            #[cfg(feature = "tls")]
            tls: None,
        }
    }
}

/// Does the TLS handshake.
#[cfg(feature = "tls")]
async fn negotiate(stream: Stream, settings: &Settings, shutdown: &Shutdown) -> Option<Negotiated> {
    let (Some(tls), Stream::Tcp(..)) = (&settings.tls, &stream) else {
        return Some(Negotiated::plain(stream));
    };
    let Stream::Tcp(stream, peer, _) = stream else { return None };
    let accepted = tokio::select! {
        accepted = tokio::time::timeout(settings.header_timeout, tls.acceptor().accept(stream)) => accepted,
        () = shutdown.wait_for(Stage::Stopped) => return None,
    };
    match accepted {
        Ok(Ok(stream)) => {
            let agreed = stream.get_ref().1;
            let (is_http2, tls) = (agreed.alpn_protocol() == Some(b"h2"), super::tls::info(agreed));
            Some(Negotiated { halves: stream::split_tls(stream), is_http2, tls: Some(tls) })
        }
        Ok(Err(err)) => {
            tracing::debug!(%peer, "connection closed: the TLS handshake failed: {err}");
            None
        }
        Err(_) => {
            tracing::debug!(%peer, "connection closed: the TLS handshake took longer than `header_timeout`");
            None
        }
    }
}

#[cfg(not(feature = "tls"))]
async fn negotiate(stream: Stream, _: &Settings, _: &Shutdown) -> Option<Negotiated> {
    Some(Negotiated::plain(stream))
}
