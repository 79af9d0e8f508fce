//! The state that the parts of a socket share.

use std::io;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use futures_sink::Sink;
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::sync::Notify;
use tokio::time::{Instant, Sleep};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error as WebSocketError, Message, Utf8Bytes};

use super::counted::Counted;

pub(super) type Connection = WebSocketStream<Counted<TokioIo<Upgraded>>>;

/// The socket itself. Both halves and the task that closes it hold it, and lock it for the time of one poll.
pub(super) struct Shared {
    state: Mutex<State>,
    /// Notified when this side has closed the socket.
    pub(super) closing: Notify,
    /// How long the client may read nothing of what is sent.
    write_timeout: Duration,
}

struct State {
    /// `None` once the task has taken the connection to close it.
    connection: Option<Connection>,
    /// The frame with which the client closed the socket.
    closed: Option<CloseFrame>,
    /// The code to close the socket with after an invalid message.
    fault: Option<CloseCode>,
    /// Nothing more can be read.
    ended: bool,
    /// When something was last received.
    last_received: Instant,
    /// When the reader last polled, and nothing had been received.
    last_polled: Instant,
    /// The tasks that wait to read and to write; also woken when the connection is taken.
    reader: Option<Waker>,
    writer: Option<Waker>,
    /// While a write waits: the number of bytes written when the timer started, and the timer, boxed so that the state
    /// can be moved.
    stall: Option<(u64, Pin<Box<Sleep>>)>,
}

impl Shared {
    pub(super) fn new(connection: Connection, write_timeout: Duration) -> Self {
        let now = Instant::now();
        let state = State {
            connection: Some(connection),
            closed: None,
            fault: None,
            ended: false,
            last_received: now,
            last_polled: now,
            reader: None,
            writer: None,
            stall: None,
        };
        Shared { state: Mutex::new(state), closing: Notify::new(), write_timeout }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the connection, and wakes the tasks that wait for it.
    pub(super) fn take(&self) -> Option<Connection> {
        self.take_from(self.lock())
    }

    fn take_from(&self, mut state: MutexGuard<'_, State>) -> Option<Connection> {
        let (taken, reader, writer) = (state.connection.take(), state.reader.take(), state.writer.take());
        drop(state);
        reader.into_iter().chain(writer).for_each(Waker::wake);
        taken
    }

    /// Sends the close frame of a server that shuts down. What cannot be written now is written when the socket is used
    /// next.
    pub(super) fn go_away(&self) {
        if let Some(connection) = &mut self.lock().connection {
            let frame = CloseFrame { code: CloseCode::Away, reason: Utf8Bytes::from_static("going away") };
            // An error means that the socket is closed already.
            let _ = Pin::new(connection).start_send(Message::Close(Some(frame)));
            self.closing.notify_one();
        }
    }

    /// Sends a ping. Returns `false` if the client has disconnected: nothing can be sent any more, or the reader has
    /// polled after this much silence and received nothing.
    pub(super) fn ping(&self, silence: Duration) -> bool {
        let mut state = self.lock();
        if state.last_polled.saturating_duration_since(state.last_received) >= silence {
            return false;
        }
        if state.last_received.elapsed() >= silence
            && let Some(reader) = state.reader.take()
        {
            // Makes the reader poll, if it waits for a message.
            reader.wake();
        }
        let Some(connection) = &mut state.connection else { return true };
        let sent = Pin::new(&mut *connection).start_send(Message::Ping(Bytes::new()));
        let flushed = Pin::new(connection).poll_flush(&mut Context::from_waker(Waker::noop()));
        // That poll replaced the waker of the task that waits to write, so it has to poll again.
        if let Some(writer) = state.writer.take() {
            writer.wake();
        }
        // Other errors mean that the socket is closed, or being closed.
        !matches!(
            (sent, flushed),
            (Err(WebSocketError::Io(_)), _) | (_, Poll::Ready(Err(WebSocketError::Io(_))))
        )
    }

    pub(super) fn is_taken(&self) -> bool {
        self.lock().connection.is_none()
    }

    pub(super) fn close_frame(&self) -> Option<CloseFrame> {
        self.lock().closed.clone()
    }

    pub(super) fn fault(&self) -> Option<CloseCode> {
        self.lock().fault
    }

    pub(super) fn has_ended(&self) -> bool {
        self.lock().ended
    }

    pub(super) fn poll_recv(&self, cx: &mut Context<'_>) -> Poll<Option<Result<Message, WebSocketError>>> {
        let mut state = self.lock();
        while let Some(connection) = &mut state.connection {
            let polled = Pin::new(connection).poll_next(cx);
            if polled.is_ready() {
                state.last_received = Instant::now();
            }
            match polled {
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
                    state.last_polled = Instant::now();
                    return Poll::Pending;
                }
            }
        }
        Poll::Ready(None)
    }

    /// Polls the writing side, within the write timeout.
    pub(super) fn poll_write(
        &self,
        cx: &mut Context<'_>,
        poll: impl FnOnce(Pin<&mut Connection>, &mut Context<'_>) -> Poll<Result<(), WebSocketError>>,
    ) -> Poll<Result<(), WebSocketError>> {
        let mut state = self.lock();
        let Some(connection) = &mut state.connection else {
            return Poll::Ready(Err(WebSocketError::AlreadyClosed));
        };
        let polled = poll(Pin::new(connection), cx);
        let written = connection.get_ref().written();
        if polled.is_ready() {
            state.stall = None;
            return polled;
        }
        state.writer = Some(cx.waker().clone());
        let limit = self.write_timeout;
        let (before, timer) =
            state.stall.get_or_insert_with(|| (written, Box::pin(tokio::time::sleep(limit))));
        if *before != written {
            *before = written;
            timer.as_mut().reset(Instant::now() + limit);
        }
        ready!(timer.as_mut().poll(cx));
        drop(self.take_from(state));
        let why = "the client of the WebSocket read nothing for `write_timeout`";
        Poll::Ready(Err(WebSocketError::Io(io::Error::new(io::ErrorKind::TimedOut, why))))
    }

    pub(super) fn start_send(&self, message: Message) -> Result<(), WebSocketError> {
        if message.is_close() {
            self.closing.notify_one();
        }
        match &mut self.lock().connection {
            Some(connection) => Pin::new(connection).start_send(message),
            None => Err(WebSocketError::AlreadyClosed),
        }
    }
}

/// The close code of RFC 6455, section 7.4.1, for what the client sent.
fn fault_of(err: &WebSocketError) -> Option<CloseCode> {
    match err {
        WebSocketError::Capacity(_) => Some(CloseCode::Size),
        WebSocketError::Utf8(_) => Some(CloseCode::Invalid),
        WebSocketError::Protocol(_) => Some(CloseCode::Protocol),
        _ => None,
    }
}

/// Whether an error only means that the client has disconnected, or that the socket is closed.
pub(super) fn is_disconnect(err: &WebSocketError) -> bool {
    match err {
        WebSocketError::ConnectionClosed | WebSocketError::AlreadyClosed => true,
        WebSocketError::Protocol(err) => {
            matches!(err, ProtocolError::ResetWithoutClosingHandshake | ProtocolError::SendAfterClosing)
        }
        WebSocketError::Io(err) => err.kind() != io::ErrorKind::InvalidInput,
        _ => false,
    }
}
