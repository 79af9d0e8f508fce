//! The I/O of a connection: what hyper reads and writes, and the state that the connection's task watches.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use http::Version;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

#[cfg(feature = "http2")]
use super::backlog::Backlog;
use super::stream::{ReadHalf, WriteHalf};
use super::write_buffer::WriteBuffer;
use crate::connection::Connection;

/// The preface that begins an HTTP/2 connection (RFC 9113, section 3.4).
#[cfg(feature = "http2")]
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// The state that a connection's task, hyper and the requests share. Unless the connection was upgraded, only its task
/// writes; others lock the buffer only to look at it.
pub(super) struct ConnectionState {
    pub(super) connection: Arc<Connection>,
    write_buffer: Mutex<WriteBuffer>,
    /// Bytes have arrived since the last request began.
    fresh: AtomicBool,
    requests: AtomicU32,
    /// A request was answered before all of its body was read.
    unread: AtomicBool,
    /// The connection began with HTTP/2's preface.
    #[cfg(feature = "http2")]
    is_http2: AtomicBool,
    #[cfg(feature = "http2")]
    pub(super) backlog: Backlog,
}

impl ConnectionState {
    pub(super) fn write_buffer(&self) -> MutexGuard<'_, WriteBuffer> {
        self.write_buffer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records that a request has begun.
    #[inline]
    pub(super) fn count_request(&self, version: Version) {
        // Only the connection's task writes it; others only compare it.
        self.requests.store(self.requests().wrapping_add(1), Ordering::Relaxed);
        let sending = &self.connection.sending;
        if sending.waits()
            && let Some(bytes) = self.write_buffer().accepted()
        {
            sending.mark(bytes);
        }
        self.fresh.store(false, Ordering::Relaxed);
        // A client that closes an HTTP/2 connection has disconnected: the end of a request is that of its stream.
        if version < Version::HTTP_2 {
            self.connection.half_close.start_answering();
        }
    }

    #[inline]
    pub(super) fn requests(&self) -> u32 {
        self.requests.load(Ordering::Relaxed)
    }

    /// Whether a part of a request head may have arrived.
    #[inline]
    pub(super) fn is_fresh(&self) -> bool {
        self.fresh.load(Ordering::Relaxed)
    }

    pub(super) fn set_fresh(&self, fresh: bool) {
        self.fresh.store(fresh, Ordering::Relaxed);
    }

    pub(super) fn is_unread(&self) -> bool {
        self.unread.load(Ordering::Relaxed)
    }

    #[cold]
    pub(super) fn set_unread(&self) {
        self.unread.store(true, Ordering::Relaxed);
    }

    #[cfg(feature = "http2")]
    #[inline]
    pub(super) fn is_http2(&self) -> bool {
        self.is_http2.load(Ordering::Relaxed)
    }
}

/// The I/O type that hyper reads from and writes to.
pub(super) struct Io {
    read: ReadHalf,
    state: Arc<ConnectionState>,
    first: First,
}

/// The first bytes of a connection, which decide the protocol.
enum First {
    /// Being read; those that have arrived so far.
    #[cfg(feature = "http2")]
    Reading(Vec<u8>),
    /// Read, and to be replayed to hyper before what follows.
    #[cfg(feature = "http2")]
    Replayed(Vec<u8>),
    Done,
}

impl Io {
    /// `gather`: whether responses are buffered until the end of a poll. `sniff`: whether the connection may begin with
    /// HTTP/2's preface.
    pub(super) fn new(
        connection: Connection,
        (read, write): (ReadHalf, WriteHalf),
        gather: bool,
        sniff: bool,
    ) -> (Self, Arc<ConnectionState>) {
        let state = Arc::new(ConnectionState {
            connection: Arc::new(connection),
            write_buffer: Mutex::new(WriteBuffer::new(write, gather)),
            fresh: AtomicBool::new(false),
            requests: AtomicU32::new(0),
            unread: AtomicBool::new(false),
            #[cfg(feature = "http2")]
            is_http2: AtomicBool::new(false),
            #[cfg(feature = "http2")]
            backlog: Backlog::default(),
        });
        #[cfg(feature = "http2")]
        let first = if sniff { First::Reading(Vec::new()) } else { First::Done };
        #[cfg(not(feature = "http2"))]
        let first = {
            let _ = sniff;
            First::Done
        };
        (Io { read, state: Arc::clone(&state), first }, state)
    }

    /// Reads the bytes that decide the protocol. HTTP/2's preface is kept, and the read stays pending: the connection's
    /// task checks [`ConnectionState::is_http2`], and gives this to hyper's HTTP/2 connection.
    #[cfg(feature = "http2")]
    #[cold]
    fn poll_first(&mut self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if let First::Replayed(kept) = &mut self.first {
            let bytes = kept.len().min(buf.remaining());
            buf.put_slice(&kept[..bytes]);
            kept.drain(..bytes);
            if kept.is_empty() {
                self.first = First::Done;
            }
            return Poll::Ready(Ok(()));
        }
        loop {
            let begin = buf.filled().len();
            std::task::ready!(Pin::new(&mut self.read).poll_read(cx, buf))?;
            let new = &buf.filled()[begin..];
            let First::Reading(seen) = &mut self.first else { return Poll::Ready(Ok(())) };
            self.state.set_fresh(!new.is_empty());
            let come = seen.len() + new.len();
            let same = seen.iter().chain(new).zip(PREFACE).all(|(a, b)| a == b);
            if new.is_empty() || !same {
                // HTTP/1, or the end of the stream.
                let seen = std::mem::take(seen);
                self.first = First::Done;
                if !seen.is_empty() {
                    let new = buf.filled()[begin..].to_vec();
                    buf.set_filled(begin);
                    self.first = First::Replayed([seen, new].concat());
                    return self.poll_first(cx, buf);
                }
                return Poll::Ready(Ok(()));
            }
            seen.extend_from_slice(new);
            buf.set_filled(begin);
            if come >= PREFACE.len() {
                self.first = First::Replayed(std::mem::take(seen));
                self.state.is_http2.store(true, Ordering::Relaxed);
                return Poll::Pending;
            }
        }
    }
}

impl AsyncRead for Io {
    #[inline]
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if !matches!(this.first, First::Done) {
            #[cfg(feature = "http2")]
            return this.poll_first(cx, buf);
        }
        let begin = buf.filled().len();
        let polled = Pin::new(&mut this.read).poll_read(cx, buf);
        if buf.filled().len() > begin {
            this.state.set_fresh(true);
        } else if matches!(polled, Poll::Ready(Ok(())))
            && buf.remaining() > 0
            && this.state.connection.half_close.hide(cx)
        {
            return Poll::Pending;
        }
        polled
    }
}

impl AsyncWrite for Io {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.state.write_buffer().poll_write(cx, &[IoSlice::new(buf)])
    }

    #[inline]
    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.state.write_buffer().poll_write(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    #[inline]
    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.state.write_buffer().poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.state.write_buffer().poll_shutdown(cx)
    }
}
