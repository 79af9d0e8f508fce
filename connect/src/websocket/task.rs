//! The task of a socket: it runs the program's function, and then closes the socket.

use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use futures_core::Stream;
use futures_sink::Sink;
use http::HeaderValue;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::oneshot;
use tokio::time::{Instant, Interval};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Error as WebSocketError;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};

use super::counted::Counted;
use super::shared::{Shared, is_over};
use super::socket::WebSocket;
use crate::chain::caught::Caught;
use crate::connection::{Connection, Stage};
use crate::{Error, Result};

/// How long the client has to agree that the socket is closed.
const LINGER: Duration = Duration::from_secs(5);

/// How long the client may read nothing of what is sent, under another server, which has no setting for it.
const WRITE_TIMEOUT: Duration = Duration::from_secs(60);

/// What the function of a socket may return: `()`, or `Result<()>`, whose error is logged and closes the socket with code
/// 1011.
#[diagnostic::on_unimplemented(
    message = "the function of a WebSocket cannot return `{Self}`",
    label = "neither `()` nor `connect::Result<()>`",
    note = "an error of another type becomes a `connect::Error` by `?`"
)]
pub trait SocketResult {
    /// Converts it into a `Result`.
    #[doc(hidden)]
    fn into_result(self) -> Result<()>;
}

#[diagnostic::do_not_recommend]
impl SocketResult for () {
    fn into_result(self) -> Result<()> {
        Ok(())
    }
}

#[diagnostic::do_not_recommend]
impl SocketResult for Result<()> {
    fn into_result(self) -> Result<()> {
        self
    }
}

/// The parts that a socket is made of.
pub(super) struct Parts {
    pub(super) connection: OnUpgrade,
    pub(super) config: WebSocketConfig,
    pub(super) protocol: Option<HeaderValue>,
    /// The server's, so that its shutdown waits for the socket as well; none under another server.
    pub(super) server: Option<Arc<Connection>>,
    /// How often a ping is sent.
    pub(super) ping: Option<Duration>,
    /// For logs.
    pub(super) path: String,
}

/// Ends the socket for its other parts, also if the task is dropped.
struct Ends(Arc<Shared>);

impl Drop for Ends {
    fn drop(&mut self) {
        drop(self.0.take());
    }
}

/// Waits until the response is sent, runs the function, and closes the socket.
pub(super) async fn run<F, Fut>(parts: Parts, sent: oneshot::Receiver<bool>, handler: F)
where
    F: FnOnce(WebSocket) -> Fut,
    Fut: Future<Output: SocketResult>,
{
    let Parts { connection, config, protocol, server, ping, path } = parts;
    // hyper resolves the upgrade even if another response was sent, with a connection that is over.
    if !matches!(sent.await, Ok(true)) {
        tracing::debug!(%path, "the connection does not become a WebSocket: another response was sent");
        return;
    }
    let connection = match connection.await {
        Ok(connection) => Counted::new(TokioIo::new(connection)),
        Err(err) if err.is_user() => {
            tracing::error!(%path, "the server does not support upgrades: with hyper's own, call `with_upgrades`");
            return;
        }
        Err(err) => {
            tracing::debug!(%path, "the connection did not become a WebSocket: {err}");
            return;
        }
    };
    let connection = WebSocketStream::from_raw_socket(connection, Role::Server, Some(config)).await;
    let write_timeout = server.as_ref().map_or(WRITE_TIMEOUT, |server| server.write_timeout);
    let (socket, shared, mut gone) = WebSocket::new(connection, protocol, write_timeout);
    let ends = Ends(Arc::clone(&shared));
    let mut all = pin!(async {
        let code = match Caught::new(async { handler(socket).await.into_result() }).await {
            Ok(Ok(())) => {
                // The function may have moved the halves to other tasks.
                if !shared.has_ended() {
                    gone.recv().await;
                }
                CloseCode::Normal
            }
            Ok(Err(err)) => {
                report(&path, &err);
                CloseCode::Error
            }
            Err(panic) => {
                tracing::error!(%path, "the function of a WebSocket panicked: {panic}");
                CloseCode::Error
            }
        };
        // If the client is too slow, the connection is closed without its agreement.
        let _ = tokio::time::timeout(LINGER, close(&shared, code)).await;
    });
    let mut other_side = pin!(other_side(&shared));
    let mut closing = pin!(reaches(server.as_deref(), Stage::Closing));
    let mut over = pin!(reaches(server.as_deref(), Stage::Over));
    let mut is_closing = false;
    let mut pings = ping.map(|every| tokio::time::interval_at(Instant::now() + every, every));
    loop {
        tokio::select! {
            // A server that is dropped is closing as well.
            biased;
            () = &mut over => break,
            () = &mut all => break,
            () = &mut closing, if !is_closing => {
                is_closing = true;
                shared.go_away();
            }
            every = tick(&mut pings) => {
                // Two pings without a reply: the function sees the end.
                if !shared.is_taken() && !shared.ping(every * 2) {
                    tracing::debug!(%path, "a WebSocket is over: the client is silent");
                    drop(shared.take());
                }
            }
            // The function sees the end, and may have something left to do.
            () = &mut other_side, if !shared.is_taken() => drop(shared.take()),
        }
    }
    drop(ends);
}

/// Once this side has closed the socket, waits for as long as the client may take to agree.
async fn other_side(shared: &Shared) {
    shared.closing.notified().await;
    tokio::time::sleep(LINGER).await;
}

/// Waits until the server's shutdown has reached a stage.
async fn reaches(server: Option<&Connection>, stage: Stage) {
    match server {
        Some(server) => server.shutdown.reaches(stage).await,
        None => std::future::pending().await,
    }
}

/// Waits for the next ping; returns the time between two.
async fn tick(pings: &mut Option<Interval>) -> Duration {
    match pings {
        Some(pings) => {
            pings.tick().await;
            pings.period()
        }
        None => std::future::pending().await,
    }
}

fn report(path: &str, err: &Error) {
    match err.downcast_ref::<WebSocketError>() {
        Some(over) if is_over(over) => tracing::debug!(%path, "a WebSocket is over: {err}"),
        _ => tracing::error!(%path, "the function of a WebSocket failed: {err:?}"),
    }
}

/// Closes a socket, if it is not closed, and waits for the client.
async fn close(shared: &Shared, code: CloseCode) {
    let fault = shared.fault();
    let code = fault.unwrap_or(code);
    let Some(mut connection) = shared.take() else { return };
    // Errors mean that it was closed already, or that the client is gone: the calls below notice either.
    let _ = connection.close(Some(CloseFrame { code, reason: "".into() })).await;
    let _ = std::future::poll_fn(|cx| Pin::new(&mut connection).poll_flush(cx)).await;
    while let Some(Ok(_)) = std::future::poll_fn(|cx| Pin::new(&mut connection).poll_next(cx)).await {}
    let connection = connection.get_mut();
    let _ = connection.shutdown().await;
    if fault.is_some() {
        // A connection that is closed with something left to read is reset, and the client may never read the reason.
        let mut rest = [0; 4096];
        while connection.read(&mut rest).await.is_ok_and(|read| read > 0) {}
    }
}
