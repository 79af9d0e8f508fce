//! The write buffer of a connection.
//!
//! hyper writes and flushes each response by itself. Its `pipeline_flush` combines the responses to pipelined requests,
//! but holds them back for as long as there is anything left to read, and loses them if that turns out to be malformed.
//! So responses are buffered here, and written when hyper has nothing more to do: one write for all responses of a
//! poll.

use std::cell::RefCell;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::AsyncWrite;

use super::stream::WriteHalf;

/// The size of the buffer, in bytes. Longer writes bypass it.
const CAPACITY: usize = 32 * 1024;

thread_local! {
    /// A buffer that no connection of this thread is using. A connection needs one only while it has something to
    /// write, mostly within one poll: so idle connections have none, and responses allocate none.
    static SPARE: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

pub(super) struct WriteBuffer {
    half: WriteHalf,
    /// Bytes to write, from `begin` on.
    buffer: Vec<u8>,
    begin: usize,
    /// Whether `poll_flush` does nothing, because the connection's task flushes.
    gather: bool,
    /// Whether the last write returned `Pending`: the socket's send buffer is full.
    blocked: bool,
    /// How many bytes were written to the stream in all.
    written: u64,
    /// The error after which no more can be written.
    failed: Option<io::ErrorKind>,
    /// The stream below (TLS) may have buffered a part of what was written.
    unflushed: bool,
}

impl WriteBuffer {
    pub(super) fn new(half: WriteHalf, gather: bool) -> Self {
        WriteBuffer {
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

    /// Flushes with each `poll_flush` from now on: hyper buffers HTTP/2 itself.
    #[cfg(feature = "http2")]
    pub(super) fn stop_gathering(&mut self) {
        self.gather = false;
    }

    /// Flushes with each `poll_flush` once the connection's task has ended, and an upgraded connection has another
    /// owner. Returns whether there is something left to write.
    pub(super) fn finish(&mut self) -> bool {
        self.gather = false;
        !self.buffer.is_empty() || self.unflushed
    }

    /// How many bytes the socket has certainly accepted.
    pub(super) fn sent(&self) -> u64 {
        if self.unflushed { 0 } else { self.written }
    }

    /// How many bytes were accepted for writing in all, if no write is blocked.
    pub(super) fn accepted(&self) -> Option<u64> {
        (!self.blocked).then(|| self.written + (self.buffer.len() - self.begin) as u64)
    }

    /// Whether everything has been written.
    pub(super) fn is_empty(&self) -> bool {
        self.failed.is_none() && !self.blocked && self.buffer.is_empty() && !self.unflushed
    }

    /// Whether writing is blocked, and how many bytes have been written.
    #[inline]
    pub(super) fn progress(&self) -> (bool, u64) {
        (self.blocked, self.written)
    }

    /// Buffers the slices, or writes them if they are too long for the buffer.
    #[inline]
    pub(super) fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if let Some(kind) = self.failed {
            return Poll::Ready(Err(kind.into()));
        }
        let length: usize = slices.iter().map(|slice| slice.len()).sum();
        if self.gather && self.buffer.len() + length <= CAPACITY {
            self.buffer_slices(slices);
            return Poll::Ready(Ok(length));
        }
        ready!(self.poll_write_buffer(cx))?;
        if self.gather && length <= CAPACITY {
            self.buffer_slices(slices);
            return Poll::Ready(Ok(length));
        }
        let polled = Pin::new(&mut self.half).poll_write_vectored(cx, slices);
        self.record_write(polled)
    }

    fn buffer_slices(&mut self, slices: &[IoSlice<'_>]) {
        if self.buffer.capacity() == 0 {
            self.buffer = SPARE.take();
            self.buffer.reserve(CAPACITY);
        }
        for slice in slices {
            self.buffer.extend_from_slice(slice);
        }
    }

    /// Records the result of a write.
    #[inline]
    fn record_write(&mut self, polled: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        self.blocked = polled.is_pending();
        match &polled {
            Poll::Ready(Ok(bytes)) => {
                self.written += *bytes as u64;
                self.unflushed = self.half.is_buffered();
            }
            Poll::Ready(Err(err)) => {
                self.failed = Some(err.kind());
                self.recycle();
            }
            Poll::Pending => {}
        }
        polled
    }

    /// Writes the buffer to the stream.
    #[inline]
    pub(super) fn poll_write_buffer(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.begin < self.buffer.len() {
            let polled = Pin::new(&mut self.half).poll_write(cx, &self.buffer[self.begin..]);
            match ready!(self.record_write(polled))? {
                0 => {
                    return self
                        .record_write(Poll::Ready(Err(io::ErrorKind::WriteZero.into())))
                        .map_ok(|_| ());
                }
                bytes => self.begin += bytes,
            }
        }
        if self.begin > 0 {
            self.recycle();
        }
        Poll::Ready(Ok(()))
    }

    fn recycle(&mut self) {
        self.begin = 0;
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.clear();
        SPARE.with_borrow_mut(|spare| {
            if spare.capacity() == 0 {
                *spare = buffer;
            }
        });
    }

    /// hyper calls this after each response.
    #[inline]
    pub(super) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.gather {
            return Poll::Ready(Ok(()));
        }
        ready!(self.poll_write_buffer(cx))?;
        self.poll_flush_stream(cx)
    }

    /// Flushes the stream below.
    fn poll_flush_stream(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.half).poll_flush(cx);
        if self.half.is_buffered() {
            self.unflushed &= polled.is_pending();
            self.blocked = self.unflushed;
        }
        polled
    }

    /// Writes the buffer and flushes the stream below: the connection's task calls it at the end of a poll.
    #[inline]
    pub(super) fn poll_write_all(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.buffer.is_empty() && !self.unflushed {
            return Poll::Ready(Ok(()));
        }
        ready!(self.poll_write_buffer(cx))?;
        self.poll_flush_stream(cx)
    }

    pub(super) fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_write_buffer(cx))?;
        Pin::new(&mut self.half).poll_shutdown(cx)
    }

    /// Appends a last response that hyper does not know of.
    pub(super) fn push(&mut self, message: &[u8]) {
        self.buffer_slices(&[IoSlice::new(message)]);
    }

    /// Drops what is left to write, because the client does not read it.
    pub(super) fn abort(&mut self) {
        self.half.reset_when_closed();
        self.failed = Some(io::ErrorKind::TimedOut);
        self.unflushed = false;
        self.recycle();
    }
}
