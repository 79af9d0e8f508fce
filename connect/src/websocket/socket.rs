//! The socket, whole or in two halves.

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

use super::shared::{Connection, Shared, is_disconnect};

/// The content of the socket and of each half.
struct Handle {
    shared: Arc<Shared>,
    protocol: Option<HeaderValue>,
    /// When the last one is dropped, the task closes the socket.
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
                "{code} is not a close code that can be sent: use 1000 to 1003, 1007 to 1014, or one of your own from 3000 to 4999"
            )));
        }
        // A control frame has at most 125 bytes (RFC 6455, section 5.5).
        if reason.len() > 123 {
            return Err(invalid("the reason for closing a WebSocket is longer than 123 bytes"));
        }
        match self.send(Message::Close(Some(CloseFrame { code, reason }))).await {
            Err(err) if is_disconnect(&err) => Ok(()),
            done => done,
        }
    }
}

/// The future of [`send`](WebSocket::send): a message that is being sent.
// Not an `async fn`: its type would contain the message's type, and a wrong message would be three errors and not one.
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
            /// The subprotocol that was [selected](super::WebSocketUpgrade::protocols).
            #[must_use]
            pub fn protocol(&self) -> Option<&str> {
                self.0.protocol.as_ref()?.to_str().ok()
            }

            /// The frame with which the client has closed the socket: a code, and a reason that is often empty.
            ///
            /// It is set once `recv` has returned `None`. A client that disappeared has sent none.
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
    /// It is also a [`Stream`] of the messages received and a [`Sink`] of the messages to send.
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
            /// Receives the next message, [text](Message::Text) or [binary](Message::Binary). `None` means that the client
            /// has closed the socket, or this side has and the client has agreed.
            ///
            /// It answers pings, and does not return them, nor pongs and close frames: so call it for as long as the socket
            /// is open. It is cancel safe: no message is lost if the future is dropped, as in `tokio::select!`.
            ///
            /// # Errors
            /// If the client disappears, or sends a message that is too long, text that is not UTF-8, or something that
            /// is not the protocol. No message comes after an error.
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
            /// Sends a message, text (`&str`, `String`) or bytes (`Bytes`, `Vec<u8>`), and waits until the kernel has it.
            ///
            /// If the future is dropped before it is ready, the message may still be sent later.
            ///
            /// # Errors
            /// If the socket is closed, the client is gone, or the client reads nothing of what is sent for the server's
            /// [`write_timeout`](crate::Server::write_timeout), 60 seconds by default: then the connection is closed as
            /// well.
            pub fn send(&mut self, message: impl Into<Message>) -> Sending<'_> {
                self.0.send(message.into())
            }

            /// Closes the socket with a code (RFC 6455, section 7.4) and a reason for the client's logs.
            ///
            /// What the client sends before it agrees can still be received; it has 5 seconds to agree. To close a socket
            /// that is closed already does nothing, and is no error.
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
            /// If the code is not one that can be sent, or if the reason is longer than 123 bytes.
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
                    Err(err) if is_disconnect(&err) => Poll::Ready(Ok(())),
                    closed => Poll::Ready(closed),
                }
            }
        }
    };
}
sends!(WebSocket);
sends!(WebSocketSender);

impl WebSocket {
    /// Splits the socket into two halves, for two tasks or to wait for either. The socket is closed when both are dropped.
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

    /// A socket, with the task's part of it and a receiver that ends when every part of the socket is dropped.
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
