//! The task of a socket: it runs the function, and then closes the socket.

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
use super::shared::{Shared, is_disconnect};
use super::socket::WebSocket;
use crate::chain::caught::Caught;
use crate::connection::{Connection, Stage};
use crate::{Error, Result};

/// How long the client may take to answer the close frame.
const LINGER: Duration = Duration::from_secs(5);

/// The write timeout on a host server other than connect's own, which has no such setting.
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
    /// The server's connection, so that its shutdown waits for the socket too; `None` on another host server.
    pub(super) server: Option<Arc<Connection>>,
    /// How often a ping is sent.
    pub(super) ping: Option<Duration>,
    /// For logs.
    pub(super) path: String,
}

/// Ends the socket for its other parts when the task ends or is dropped.
struct EndOnDrop(Arc<Shared>);

impl Drop for EndOnDrop {
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
    // hyper resolves the upgrade even if another response was sent, with a connection that is closed.
    if !matches!(sent.await, Ok(true)) {
        tracing::debug!(%path, "no WebSocket was opened: another response was sent");
        return;
    }
    let connection = match connection.await {
        Ok(connection) => Counted::new(TokioIo::new(connection)),
        Err(err) if err.is_user() => {
            tracing::error!(%path, "the host server does not support upgrades: with hyper, call `with_upgrades`");
            return;
        }
        Err(err) => {
            tracing::debug!(%path, "no WebSocket was opened: {err}");
            return;
        }
    };
    let connection = WebSocketStream::from_raw_socket(connection, Role::Server, Some(config)).await;
    let write_timeout = server.as_ref().map_or(WRITE_TIMEOUT, |server| server.write_timeout);
    let (socket, shared, mut gone) = WebSocket::new(connection, protocol, write_timeout);
    let ends = EndOnDrop(Arc::clone(&shared));
    let mut served = pin!(async {
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
        // If the client does not answer the close frame in time, the connection is closed all the same.
        let _ = tokio::time::timeout(LINGER, close(&shared, code)).await;
    });
    let mut client_close = pin!(client_close(&shared));
    let mut closing = pin!(wait_for(server.as_deref(), Stage::Closing));
    let mut stopped = pin!(wait_for(server.as_deref(), Stage::Stopped));
    let mut is_closing = false;
    let mut pings = ping.map(|every| tokio::time::interval_at(Instant::now() + every, every));
    loop {
        tokio::select! {
            // First, as a stopped server is also closing.
            biased;
            () = &mut stopped => break,
            () = &mut served => break,
            () = &mut closing, if !is_closing => {
                is_closing = true;
                shared.go_away();
            }
            every = tick(&mut pings) => {
                // After two pings without a reply the function's `recv` returns `None`.
                if !shared.is_taken() && !shared.ping(every * 2) {
                    tracing::debug!(%path, "WebSocket closed: the client did not answer pings");
                    drop(shared.take());
                }
            }
            // The function's `recv` returns `None`; the function may have something left to do.
            () = &mut client_close, if !shared.is_taken() => drop(shared.take()),
        }
    }
    drop(ends);
}

/// Waits until this side has closed the socket, and then as long as the client may take to answer.
async fn client_close(shared: &Shared) {
    shared.closing.notified().await;
    tokio::time::sleep(LINGER).await;
}

/// Waits until the server's shutdown has reached a stage.
async fn wait_for(server: Option<&Connection>, stage: Stage) {
    match server {
        Some(server) => server.shutdown.wait_for(stage).await,
        None => std::future::pending().await,
    }
}

/// Waits for the next ping, and returns the interval.
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
        Some(source) if is_disconnect(source) => tracing::debug!(%path, "WebSocket closed: {err}"),
        _ => tracing::error!(%path, "the function of a WebSocket failed: {err:?}"),
    }
}

/// Closes a socket, if it is not closed, and waits for the client.
async fn close(shared: &Shared, code: CloseCode) {
    let fault = shared.fault();
    let code = fault.unwrap_or(code);
    let Some(mut connection) = shared.take() else { return };
    // Errors mean that the socket was closed already or the client has disconnected; the calls below notice either.
    let _ = connection.close(Some(CloseFrame { code, reason: "".into() })).await;
    let _ = std::future::poll_fn(|cx| Pin::new(&mut connection).poll_flush(cx)).await;
    while let Some(Ok(_)) = std::future::poll_fn(|cx| Pin::new(&mut connection).poll_next(cx)).await {}
    let connection = connection.get_mut();
    let _ = connection.shutdown().await;
    if fault.is_some() {
        // Closing a connection with unread bytes resets it, and the client may never read the reason.
        let mut rest = [0; 4096];
        while connection.read(&mut rest).await.is_ok_and(|read| read > 0) {}
    }
}
