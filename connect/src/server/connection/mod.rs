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
use std::sync::Arc;

use self::io::Io;
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
use crate::connection::{Connection, OpenConnection, Shutdown};

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
    let peer = stream.peer();
    let Some((halves, is_http2)) = negotiate(stream, &settings, &shutdown).await else { return };
    // Unix sockets are served without TLS.
    let encrypted = settings.is_encrypted() && peer.is_some();
    let connection = Connection {
        peer,
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
    let mut task = ConnectionTask::new(serving, state, settings, io, pools, is_http2);
    let result = task.run(&shutdown).await;
    drop(task);
    match result {
        Ok(()) => {}
        // A response that cannot be sent, or a body stream that failed.
        Err(err) if task::is_server_error(&err) => tracing::error!(?peer, "connection closed: {err:?}"),
        // The client disconnected, stalled, or sent what is not HTTP, which was answered with a 400 where that was
        // possible.
        Err(err) => tracing::debug!(?peer, "connection closed: {err}"),
    }
}

/// The two halves of a stream, after the TLS handshake if there is one, and whether ALPN selected HTTP/2.
#[cfg(feature = "tls")]
async fn negotiate(
    stream: Stream,
    settings: &Settings,
    shutdown: &Shutdown,
) -> Option<((ReadHalf, WriteHalf), bool)> {
    let (Some(tls), Stream::Tcp(..)) = (&settings.tls, &stream) else { return Some((stream.split(), false)) };
    let Stream::Tcp(stream, peer, _) = stream else { return None };
    let accepted = tokio::select! {
        accepted = tokio::time::timeout(settings.header_timeout, tls.acceptor().accept(stream)) => accepted,
        () = shutdown.wait_for(Stage::Stopped) => return None,
    };
    match accepted {
        Ok(Ok(stream)) => {
            let is_http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
            Some((stream::split_tls(stream), is_http2))
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
async fn negotiate(stream: Stream, _: &Settings, _: &Shutdown) -> Option<((ReadHalf, WriteHalf), bool)> {
    Some((stream.split(), false))
}
