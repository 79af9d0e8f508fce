//! A connection's two ends: what hyper reads from and writes to, and what the connection looks at beside it.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use http::Version;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

#[cfg(feature = "http2")]
use super::backlog::Backlog;
use super::out::Out;
use super::stream::{ReadHalf, WriteHalf};
use crate::connection::Connection;

/// What HTTP/2 begins with (RFC 9113, section 3.4).
#[cfg(feature = "http2")]
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// What the task of a connection and hyper share. Others than that task take the lock only to look, unless the connection was
/// upgraded.
pub(super) struct Wire {
    pub(super) connection: Arc<Connection>,
    out: Mutex<Out>,
    /// Something came since the last request began.
    fresh: AtomicBool,
    requests: AtomicU32,
    /// A request was answered before all of its body was read.
    unread: AtomicBool,
    /// The client speaks HTTP/2, as its first bytes said.
    #[cfg(feature = "http2")]
    is_http2: AtomicBool,
    #[cfg(feature = "http2")]
    pub(super) backlog: Backlog,
}

impl Wire {
    pub(super) fn out(&self) -> MutexGuard<'_, Out> {
        self.out.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A request has come.
    #[inline]
    pub(super) fn count_request(&self, version: Version) {
        // Only the task of the connection counts; others only see that it is another number.
        self.requests.store(self.requests().wrapping_add(1), Ordering::Relaxed);
        let sending = &self.connection.sending;
        if sending.waits()
            && let Some(bytes) = self.out().taken()
        {
            sending.mark(bytes);
        }
        self.fresh.store(false, Ordering::Relaxed);
        // To close a connection of HTTP/2 is to leave: a request has a stream's end of its own.
        if version < Version::HTTP_2 {
            self.connection.half_close.start_answering();
        }
    }

    #[inline]
    pub(super) fn requests(&self) -> u32 {
        self.requests.load(Ordering::Relaxed)
    }

    /// Whether a part of a request's head may be there.
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

/// What hyper has of a connection.
pub(super) struct Io {
    read: ReadHalf,
    wire: Arc<Wire>,
    first: First,
}

/// Where the first bytes of a connection are.
enum First {
    /// They decide which protocol it is. Some may be there.
    #[cfg(feature = "http2")]
    Awaited(Vec<u8>),
    /// To be read before what comes after them.
    #[cfg(feature = "http2")]
    Kept(Vec<u8>),
    Gone,
}

impl Io {
    /// `gather`: whether answers wait for the end of a poll. `sniff`: whether the first bytes may be those of HTTP/2.
    pub(super) fn new(
        connection: Connection,
        (read, write): (ReadHalf, WriteHalf),
        gather: bool,
        sniff: bool,
    ) -> (Self, Arc<Wire>) {
        let wire = Arc::new(Wire {
            connection: Arc::new(connection),
            out: Mutex::new(Out::new(write, gather)),
            fresh: AtomicBool::new(false),
            requests: AtomicU32::new(0),
            unread: AtomicBool::new(false),
            #[cfg(feature = "http2")]
            is_http2: AtomicBool::new(false),
            #[cfg(feature = "http2")]
            backlog: Backlog::default(),
        });
        #[cfg(feature = "http2")]
        let first = if sniff { First::Awaited(Vec::new()) } else { First::Gone };
        #[cfg(not(feature = "http2"))]
        let first = {
            let _ = sniff;
            First::Gone
        };
        (Io { read, wire: Arc::clone(&wire), first }, wire)
    }

    /// Reads the bytes that decide the protocol. Those of HTTP/2 are kept, and the reader left waiting: the connection looks
    /// whether [`Wire::is_http2`], and gives this to another reader.
    #[cfg(feature = "http2")]
    #[cold]
    fn poll_first(&mut self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if let First::Kept(kept) = &mut self.first {
            let bytes = kept.len().min(buf.remaining());
            buf.put_slice(&kept[..bytes]);
            kept.drain(..bytes);
            if kept.is_empty() {
                self.first = First::Gone;
            }
            return Poll::Ready(Ok(()));
        }
        loop {
            let begin = buf.filled().len();
            std::task::ready!(Pin::new(&mut self.read).poll_read(cx, buf))?;
            let new = &buf.filled()[begin..];
            let First::Awaited(seen) = &mut self.first else { return Poll::Ready(Ok(())) };
            self.wire.set_fresh(!new.is_empty());
            let come = seen.len() + new.len();
            let same = seen.iter().chain(new).zip(PREFACE).all(|(a, b)| a == b);
            if new.is_empty() || !same {
                // HTTP/1, or the end.
                let seen = std::mem::take(seen);
                self.first = First::Gone;
                if !seen.is_empty() {
                    let new = buf.filled()[begin..].to_vec();
                    buf.set_filled(begin);
                    self.first = First::Kept([seen, new].concat());
                    return self.poll_first(cx, buf);
                }
                return Poll::Ready(Ok(()));
            }
            seen.extend_from_slice(new);
            buf.set_filled(begin);
            if come >= PREFACE.len() {
                self.first = First::Kept(std::mem::take(seen));
                self.wire.is_http2.store(true, Ordering::Relaxed);
                return Poll::Pending;
            }
        }
    }
}

impl AsyncRead for Io {
    #[inline]
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if !matches!(this.first, First::Gone) {
            #[cfg(feature = "http2")]
            return this.poll_first(cx, buf);
        }
        let begin = buf.filled().len();
        let polled = Pin::new(&mut this.read).poll_read(cx, buf);
        if buf.filled().len() > begin {
            this.wire.set_fresh(true);
        } else if matches!(polled, Poll::Ready(Ok(())))
            && buf.remaining() > 0
            && this.wire.connection.half_close.hold(cx)
        {
            return Poll::Pending;
        }
        polled
    }
}

impl AsyncWrite for Io {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.wire.out().poll_write(cx, &[IoSlice::new(buf)])
    }

    #[inline]
    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.wire.out().poll_write(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    #[inline]
    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.wire.out().poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.wire.out().poll_shutdown(cx)
    }
}
