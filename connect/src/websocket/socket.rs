//! The socket, whole or in halves.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_core::Stream;
use futures_sink::Sink;
use http::HeaderValue;
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error as WebSocketError, Message, Utf8Bytes};

use super::shared::{Connection, Shared, is_over};

/// What the parts that a program has have in common.
struct Handle {
    shared: Arc<Shared>,
    protocol: Option<HeaderValue>,
    /// When the last one is gone the task closes the socket.
    _alive: mpsc::Sender<()>,
}

impl Handle {
    async fn recv(&self) -> Option<Result<Message, WebSocketError>> {
        std::future::poll_fn(|cx| self.shared.poll_recv(cx)).await
    }

    fn send(&self, message: Message) -> Sending<'_> {
        Sending { shared: &self.shared, message: Some(message) }
    }

    async fn close(&self, code: CloseCode, reason: Utf8Bytes) -> Result<(), WebSocketError> {
        if !code.is_allowed() {
            return Err(invalid(format!(
                "{code} is not a code to close a WebSocket with: those are 1000 to 1003, 1007 to 1014, and your own from 3000 to 4999"
            )));
        }
        // A frame that controls has no more than 125 bytes (RFC 6455, section 5.5).
        if reason.len() > 123 {
            return Err(invalid("the reason to close a WebSocket has to be of 123 bytes at most"));
        }
        match self.send(Message::Close(Some(CloseFrame { code, reason }))).await {
            Err(err) if is_over(&err) => Ok(()),
            done => done,
        }
    }
}

/// A message that is being sent, from [`send`](WebSocket::send).
// Not an `async fn`, whose type would have that of the message in it: what is no message is one error then, and not three.
#[must_use = "nothing is sent without `.await`"]
pub struct Sending<'a> {
    shared: &'a Shared,
    message: Option<Message>,
}

impl Future for Sending<'_> {
    type Output = Result<(), WebSocketError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if self.message.is_some() {
            ready!(self.shared.poll_write(cx, Connection::poll_ready))?;
        }
        if let Some(message) = self.message.take() {
            self.shared.start_send(message)?;
        }
        self.shared.poll_write(cx, Connection::poll_flush)
    }
}

impl std::fmt::Debug for Sending<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sending").finish_non_exhaustive()
    }
}

fn invalid(message: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> WebSocketError {
    WebSocketError::Io(io::Error::new(io::ErrorKind::InvalidInput, message))
}

macro_rules! part {
    ($(#[$docs:meta])* $name:ident) => {
        $(#[$docs])*
        pub struct $name(Handle);

        impl $name {
            /// The subprotocol that was [agreed upon](super::WebSocketUpgrade::protocols).
            #[must_use]
            pub fn protocol(&self) -> Option<&str> {
                self.0.protocol.as_ref()?.to_str().ok()
            }

            /// What the other side has closed the socket with, once it has: a code, and a reason that is often empty. It is
            /// there when nothing more is received; a client that vanished has said nothing.
            #[must_use]
            pub fn close_frame(&self) -> Option<CloseFrame> {
                self.0.shared.close_frame()
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name)).field("protocol", &self.protocol()).finish_non_exhaustive()
            }
        }
    };
}

part! {
    /// A WebSocket.
    ///
    /// It is a [`Stream`] of what comes and a [`Sink`] of what goes, as well.
    WebSocket
}
part! {
    /// The half of a [`WebSocket`] that sends.
    WebSocketSender
}
part! {
    /// The half of a [`WebSocket`] that receives.
    WebSocketReceiver
}

macro_rules! receives {
    ($name:ident) => {
        impl $name {
            /// The next message, [text](Message::Text) or [binary](Message::Binary); `None` when the other side has closed the socket, or this
            /// side has and the other has agreed.
            ///
            /// Pings are answered here, and with pongs and what closes the socket they are not given out: so somebody has to
            /// receive for as long as the socket is open. No message is lost if the future is dropped, as
            /// in `tokio::select!`.
            ///
            /// # Errors
            /// If the other side vanishes, or sends what is too long, not UTF-8, or not the protocol. Then
            /// nothing more comes.
            pub async fn recv(&mut self) -> Option<Result<Message, WebSocketError>> {
                self.0.recv().await
            }
        }

        impl Stream for $name {
            type Item = Result<Message, WebSocketError>;

            fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
                self.0.shared.poll_recv(cx)
            }
        }
    };
}
receives!(WebSocket);
receives!(WebSocketReceiver);

macro_rules! sends {
    ($name:ident) => {
        impl $name {
            /// Sends a message: text (`&str`, `String`) or bytes (`Bytes`, `Vec<u8>`), and waits until the operating system has it.
            ///
            /// If the future is dropped before, the message may still be sent later.
            ///
            /// # Errors
            /// If the socket is closed, or the other side gone, or if it takes nothing of what is sent for the server's
            /// [`write_timeout`](crate::Server::write_timeout), 60 s by default: then the connection is closed as well.
            pub fn send(&mut self, message: impl Into<Message>) -> Sending<'_> {
                self.0.send(message.into())
            }

            /// Closes the socket with a code (RFC 6455, section 7.4) and a reason for the other side's logs.
            ///
            /// What the other side has sent before it agrees can still be received; it has five seconds to agree. A
            /// socket that is closed stays so, and that is no error.
            ///
            /// ```
            /// # use connect::websocket::{CloseCode, WebSocket, WebSocketError};
            /// # async fn example(socket: &mut WebSocket) -> Result<(), WebSocketError> {
            /// socket.close(CloseCode::Normal, "").await?;
            /// socket.close(4001, "the game is over").await
            /// # }
            /// ```
            ///
            /// # Errors
            /// If the code is none that can be sent, or the reason longer than 123 bytes.
            pub async fn close(
                &mut self,
                code: impl Into<CloseCode>,
                reason: impl Into<Utf8Bytes>,
            ) -> Result<(), WebSocketError> {
                self.0.close(code.into(), reason.into()).await
            }
        }

        impl Sink<Message> for $name {
            type Error = WebSocketError;

            fn poll_ready(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), WebSocketError>> {
                self.0.shared.poll_write(cx, Connection::poll_ready)
            }

            fn start_send(self: Pin<&mut Self>, message: Message) -> Result<(), WebSocketError> {
                self.0.shared.start_send(message)
            }

            fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), WebSocketError>> {
                self.0.shared.poll_write(cx, Connection::poll_flush)
            }

            fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), WebSocketError>> {
                self.0.shared.closing.notify_one();
                match ready!(self.0.shared.poll_write(cx, Connection::poll_close)) {
                    Err(err) if is_over(&err) => Poll::Ready(Ok(())),
                    closed => Poll::Ready(closed),
                }
            }
        }
    };
}
sends!(WebSocket);
sends!(WebSocketSender);

impl WebSocket {
    /// Two halves, for two tasks, or to wait for either. The socket is closed when both are dropped.
    ///
    /// ```
    /// use connect::get;
    /// use connect::websocket::{SwitchingProtocols, WebSocketUpgrade};
    /// use std::time::Duration;
    ///
    /// #[get("/ticks")]
    /// fn ticks(ws: WebSocketUpgrade) -> SwitchingProtocols {
    ///     ws.on_upgrade(async |socket| {
    ///         let (mut sender, mut receiver) = socket.split();
    ///         let ticks = async {
    ///             while sender.send("tick").await.is_ok() {
    ///                 tokio::time::sleep(Duration::from_secs(1)).await;
    ///             }
    ///         };
    ///         let listen = async { while let Some(Ok(_)) = receiver.recv().await {} };
    ///         tokio::join!(ticks, listen);
    ///     })
    /// }
    /// ```
    #[must_use]
    pub fn split(self) -> (WebSocketSender, WebSocketReceiver) {
        let Handle { shared, protocol, _alive } = self.0;
        let other =
            Handle { shared: Arc::clone(&shared), protocol: protocol.clone(), _alive: _alive.clone() };
        (WebSocketSender(other), WebSocketReceiver(Handle { shared, protocol, _alive }))
    }

    /// A socket, with what its task has of it, which ends when every part of the socket is dropped.
    pub(super) fn new(
        connection: Connection,
        protocol: Option<HeaderValue>,
        write_timeout: Duration,
    ) -> (Self, Arc<Shared>, mpsc::Receiver<()>) {
        let (_alive, gone) = mpsc::channel(1);
        let shared = Arc::new(Shared::new(connection, write_timeout));
        (WebSocket(Handle { shared: Arc::clone(&shared), protocol, _alive }), shared, gone)
    }
}
