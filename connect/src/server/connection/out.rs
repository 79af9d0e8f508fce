//! What goes out on a connection, gathered.
//!
//! hyper writes and flushes each answer by itself. Its `pipeline_flush` gathers those to pipelined requests, but
//! holds them back for as long as there is anything left to read, and loses them when that turns out to be garbage.
//! So they are gathered here, and written when hyper has nothing more to do: one write for all that a poll has
//! answered.

use std::cell::RefCell;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::AsyncWrite;

use super::stream::WriteHalf;

/// How many bytes are gathered before they are written all the same. A longer piece goes by the buffer.
const GATHERED: usize = 32 * 1024;

thread_local! {
    /// A buffer that no connection of this thread needs at present. A connection has one only while it has something
    /// to write, which mostly ends with the poll: so an idle one has none, and none is allocated for an answer.
    static SPARE: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

pub(super) struct Out {
    half: WriteHalf,
    /// Bytes that are to be written, from `begin` on.
    buffer: Vec<u8>,
    begin: usize,
    /// Whether a flush waits until the task of the connection says that it is time.
    gather: bool,
    /// Whether the client had no room for what was last written.
    blocked: bool,
    /// Bytes in all.
    written: u64,
    /// Why no more can be written.
    failed: Option<io::ErrorKind>,
    /// The stream below may have kept a part of what it took.
    unflushed: bool,
}

impl Out {
    pub(super) fn new(half: WriteHalf, gather: bool) -> Self {
        Out {
            half,
            buffer: Vec::new(),
            begin: 0,
            gather,
            blocked: false,
            written: 0,
            failed: None,
            unflushed: false,
        }
    }

    /// From here on a flush is one. HTTP/2 gathers by itself, and after an upgrade it is for the new owner to say.
    #[cfg(feature = "http2")]
    pub(super) fn stop_gathering(&mut self) {
        self.gather = false;
    }

    /// The same at the end of the connection's task; whether there is something left to write.
    pub(super) fn ends(&mut self) -> bool {
        self.gather = false;
        !self.buffer.is_empty() || self.unflushed
    }

    /// How many bytes have gone out for certain.
    pub(super) fn sent(&self) -> u64 {
        if self.unflushed { 0 } else { self.written }
    }

    /// How many bytes were taken in all, if the client has had room for them so far.
    pub(super) fn taken(&self) -> Option<u64> {
        (!self.blocked).then(|| self.written + (self.buffer.len() - self.begin) as u64)
    }

    /// Whether all that was to be written has been.
    pub(super) fn is_empty(&self) -> bool {
        self.failed.is_none() && !self.blocked && self.buffer.is_empty() && !self.unflushed
    }

    /// Whether the client has no room for more, and how many bytes it has taken.
    #[inline]
    pub(super) fn progress(&self) -> (bool, u64) {
        (self.blocked, self.written)
    }

    /// Takes as much as there is room for, or writes it.
    #[inline]
    pub(super) fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if let Some(kind) = self.failed {
            return Poll::Ready(Err(kind.into()));
        }
        let length: usize = pieces.iter().map(|piece| piece.len()).sum();
        if self.gather && self.buffer.len() + length <= GATHERED {
            self.keep(pieces);
            return Poll::Ready(Ok(length));
        }
        ready!(self.poll_empty(cx))?;
        if self.gather && length <= GATHERED {
            self.keep(pieces);
            return Poll::Ready(Ok(length));
        }
        let polled = Pin::new(&mut self.half).poll_write_vectored(cx, pieces);
        self.wrote(polled)
    }

    fn keep(&mut self, pieces: &[IoSlice<'_>]) {
        if self.buffer.capacity() == 0 {
            self.buffer = SPARE.take();
            self.buffer.reserve(GATHERED);
        }
        for piece in pieces {
            self.buffer.extend_from_slice(piece);
        }
    }

    /// Notes how a write went.
    #[inline]
    fn wrote(&mut self, polled: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        self.blocked = polled.is_pending();
        match &polled {
            Poll::Ready(Ok(bytes)) => {
                self.written += *bytes as u64;
                self.unflushed = self.half.keeps();
            }
            Poll::Ready(Err(err)) => {
                self.failed = Some(err.kind());
                self.give_back();
            }
            Poll::Pending => {}
        }
        polled
    }

    /// Writes what was gathered.
    #[inline]
    pub(super) fn poll_empty(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.begin < self.buffer.len() {
            let polled = Pin::new(&mut self.half).poll_write(cx, &self.buffer[self.begin..]);
            match ready!(self.wrote(polled))? {
                0 => return self.wrote(Poll::Ready(Err(io::ErrorKind::WriteZero.into()))).map_ok(|_| ()),
                bytes => self.begin += bytes,
            }
        }
        if self.begin > 0 {
            self.give_back();
        }
        Poll::Ready(Ok(()))
    }

    fn give_back(&mut self) {
        self.begin = 0;
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.clear();
        SPARE.with_borrow_mut(|spare| {
            if spare.capacity() == 0 {
                *spare = buffer;
            }
        });
    }

    /// What hyper calls after each answer.
    #[inline]
    pub(super) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.gather {
            return Poll::Ready(Ok(()));
        }
        ready!(self.poll_empty(cx))?;
        self.poll_below(cx)
    }

    /// Has the stream below write what it has kept.
    fn poll_below(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.half).poll_flush(cx);
        if self.half.keeps() {
            self.unflushed &= polled.is_pending();
            self.blocked = self.unflushed;
        }
        polled
    }

    /// It is time: what was gathered goes out, and what the stream below may keep.
    #[inline]
    pub(super) fn poll_gathered(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.buffer.is_empty() && !self.unflushed {
            return Poll::Ready(Ok(()));
        }
        ready!(self.poll_empty(cx))?;
        self.poll_below(cx)
    }

    pub(super) fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_empty(cx))?;
        Pin::new(&mut self.half).poll_shutdown(cx)
    }

    /// Puts a last message of our own after what was gathered.
    pub(super) fn push(&mut self, message: &[u8]) {
        self.keep(&[IoSlice::new(message)]);
    }

    /// Nobody takes what is left.
    pub(super) fn give_up(&mut self) {
        self.half.reset_when_closed();
        self.failed = Some(io::ErrorKind::TimedOut);
        self.unflushed = false;
        self.give_back();
    }
}
