//! The socket, whole or in halves.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};

use futures_core::Stream;
use futures_sink::Sink;
use http::HeaderValue;
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::sync::{Notify, mpsc};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error as WebSocketError, Message, Utf8Bytes};

type Connection = WebSocketStream<TokioIo<Upgraded>>;

/// The socket itself. Both halves and the task that closes it hold it, and lock it for as long as a poll takes, which never waits.
pub(super) struct Shared {
    state: Mutex<State>,
    /// This side has closed it.
    pub(super) closing: Notify,
}

struct State {
    /// None once the task has taken it to close it.
    connection: Option<Connection>,
    /// What the other side closed it with.
    closed: Option<CloseFrame>,
    /// What it has to be closed with, for what the other side sent.
    fault: Option<CloseCode>,
    /// Nothing more can be read.
    ended: bool,
    /// Who waits, to be told when the connection is taken.
    reader: Option<Waker>,
    writer: Option<Waker>,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the connection, and lets everybody who waits for it know.
    pub(super) fn take(&self) -> Option<Connection> {
        let mut state = self.lock();
        let (taken, reader, writer) = (state.connection.take(), state.reader.take(), state.writer.take());
        drop(state);
        reader.into_iter().chain(writer).for_each(Waker::wake);
        taken
    }

    /// Says that this side is going away. What of it cannot be written now is written when the socket is used next.
    pub(super) fn go_away(&self) {
        if let Some(connection) = &mut self.lock().connection {
            let frame = CloseFrame { code: CloseCode::Away, reason: Utf8Bytes::from_static("going away") };
            // An error says that it is closed already.
            let _ = Pin::new(connection).start_send(Message::Close(Some(frame)));
            self.closing.notify_one();
        }
    }

    pub(super) fn is_taken(&self) -> bool {
        self.lock().connection.is_none()
    }

    pub(super) fn fault(&self) -> Option<CloseCode> {
        self.lock().fault
    }

    pub(super) fn has_ended(&self) -> bool {
        self.lock().ended
    }

    fn poll_recv(&self, cx: &mut Context<'_>) -> Poll<Option<Result<Message, WebSocketError>>> {
        let mut state = self.lock();
        while let Some(connection) = &mut state.connection {
            match Pin::new(connection).poll_next(cx) {
                Poll::Ready(Some(Ok(message @ (Message::Text(_) | Message::Binary(_))))) => {
                    return Poll::Ready(Some(Ok(message)));
                }
                Poll::Ready(Some(Ok(Message::Close(frame)))) => state.closed = frame,
                // A ping is answered by the next poll.
                Poll::Ready(Some(Ok(_))) => {}
                Poll::Ready(Some(Err(err))) => {
                    state.ended = true;
                    state.fault = fault_of(&err);
                    return Poll::Ready(Some(Err(err)));
                }
                Poll::Ready(None) => {
                    state.ended = true;
                    break;
                }
                Poll::Pending => {
                    state.reader = Some(cx.waker().clone());
                    return Poll::Pending;
                }
            }
        }
        Poll::Ready(None)
    }

    /// Does something with the side of it that writes.
    fn poll_write(
        &self,
        cx: &mut Context<'_>,
        poll: impl FnOnce(Pin<&mut Connection>, &mut Context<'_>) -> Poll<Result<(), WebSocketError>>,
    ) -> Poll<Result<(), WebSocketError>> {
        let mut state = self.lock();
        let Some(connection) = &mut state.connection else {
            return Poll::Ready(Err(WebSocketError::AlreadyClosed));
        };
        let polled = poll(Pin::new(connection), cx);
        if polled.is_pending() {
            state.writer = Some(cx.waker().clone());
        }
        polled
    }

    fn start_send(&self, message: Message) -> Result<(), WebSocketError> {
        match &mut self.lock().connection {
            Some(connection) => Pin::new(connection).start_send(message),
            None => Err(WebSocketError::AlreadyClosed),
        }
    }
}

/// What RFC 6455, section 7.4.1, has for what came.
fn fault_of(err: &WebSocketError) -> Option<CloseCode> {
    match err {
        WebSocketError::Capacity(_) => Some(CloseCode::Size),
        WebSocketError::Utf8(_) => Some(CloseCode::Invalid),
        WebSocketError::Protocol(_) => Some(CloseCode::Protocol),
        _ => None,
    }
}

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

    async fn send(&self, message: Message) -> Result<(), WebSocketError> {
        std::future::poll_fn(|cx| self.shared.poll_write(cx, Connection::poll_ready)).await?;
        self.shared.start_send(message)?;
        std::future::poll_fn(|cx| self.shared.poll_write(cx, Connection::poll_flush)).await
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
        self.shared.closing.notify_one();
        match self.send(Message::Close(Some(CloseFrame { code, reason }))).await {
            Err(err) if is_over(&err) => Ok(()),
            done => done,
        }
    }
}

fn invalid(message: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> WebSocketError {
    WebSocketError::Io(io::Error::new(io::ErrorKind::InvalidInput, message))
}

/// Whether an error says no more than that the other side is gone, or the socket closed.
pub(super) fn is_over(err: &WebSocketError) -> bool {
    use tokio_tungstenite::tungstenite::error::ProtocolError;
    match err {
        WebSocketError::ConnectionClosed | WebSocketError::AlreadyClosed => true,
        WebSocketError::Protocol(err) => {
            matches!(err, ProtocolError::ResetWithoutClosingHandshake | ProtocolError::SendAfterClosing)
        }
        WebSocketError::Io(err) => err.kind() != io::ErrorKind::InvalidInput,
        _ => false,
    }
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
                self.0.shared.lock().closed.clone()
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
            /// If the socket is closed, or the other side gone.
            pub async fn send(&mut self, message: impl Into<Message>) -> Result<(), WebSocketError> {
                self.0.send(message.into()).await
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
    ) -> (Self, Arc<Shared>, mpsc::Receiver<()>) {
        let (_alive, gone) = mpsc::channel(1);
        let state = State {
            connection: Some(connection),
            closed: None,
            fault: None,
            ended: false,
            reader: None,
            writer: None,
        };
        let shared = Arc::new(Shared { state: Mutex::new(state), closing: Notify::new() });
        (WebSocket(Handle { shared: Arc::clone(&shared), protocol, _alive }), shared, gone)
    }
}
