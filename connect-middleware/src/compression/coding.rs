//! The codings, and their encoders.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use async_compression::tokio::write::{BrotliEncoder, GzipEncoder, ZstdEncoder};
use async_compression::{Level, brotli};
use bytes::Bytes;
use tokio::io::AsyncWrite;

/// A content coding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Coding {
    /// Brotli: RFC 7932.
    Br,
    /// gzip: RFC 1952.
    Gzip,
    /// Zstandard: RFC 8878.
    Zstd,
}

impl Coding {
    /// The name in `Accept-Encoding` and `Content-Encoding`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Coding::Br => "br",
            Coding::Gzip => "gzip",
            Coding::Zstd => "zstd",
        }
    }
}

#[derive(Debug)]
pub(super) struct Levels {
    br: u8,
    gzip: u8,
    zstd: u8,
}

impl Default for Levels {
    fn default() -> Self {
        Levels { br: 4, gzip: 4, zstd: 3 }
    }
}

impl Levels {
    /// # Panics
    /// If there is no such level.
    pub(super) fn set(&mut self, coding: Coding, level: u8) {
        // Clients need not keep the windows of higher levels of Zstandard (RFC 9659).
        let (place, levels) = match coding {
            Coding::Br => (&mut self.br, 0..=11),
            Coding::Gzip => (&mut self.gzip, 1..=9),
            Coding::Zstd => (&mut self.zstd, 1..=19),
        };
        assert!(
            levels.contains(&level),
            "there is no level {level} of `{}`: write one from {} to {}",
            coding.name(),
            levels.start(),
            levels.end()
        );
        *place = level;
    }
}

/// Compresses into memory. Boxed, so that the enum is as small as a pointer: its states have kilobytes anyway.
pub(super) enum Encoder {
    Br(Box<BrotliEncoder<Vec<u8>>>),
    Gzip(Box<GzipEncoder<Vec<u8>>>),
    Zstd(Box<ZstdEncoder<Vec<u8>>>),
}

/// Bodies of a known length need no larger window: 2 to the power of 10 to 22 bytes.
fn window(length: Option<u64>) -> i32 {
    let bits = length.map_or(22, |length| length.max(1).next_power_of_two().trailing_zeros().clamp(10, 22));
    bits.try_into().unwrap_or(22)
}

impl Encoder {
    /// An encoder for a body of at most so many bytes.
    pub(super) fn new(coding: Coding, levels: &Levels, length: Option<u64>) -> Self {
        let level = |level: u8| Level::Precise(level.into());
        match coding {
            Coding::Br => {
                let params =
                    brotli::EncoderParams::default().quality(level(levels.br)).window_size(window(length));
                Encoder::Br(Box::new(BrotliEncoder::with_params(Vec::new(), params)))
            }
            Coding::Gzip => {
                Encoder::Gzip(Box::new(GzipEncoder::with_quality(Vec::new(), level(levels.gzip))))
            }
            Coding::Zstd => {
                Encoder::Zstd(Box::new(ZstdEncoder::with_quality(Vec::new(), level(levels.zstd))))
            }
        }
    }

    fn inner(&mut self) -> Pin<&mut (dyn AsyncWrite + Send + Unpin)> {
        // One of three, by a pointer: each call compresses kilobytes.
        match self {
            Encoder::Br(encoder) => Pin::new(&mut **encoder),
            Encoder::Gzip(encoder) => Pin::new(&mut **encoder),
            Encoder::Zstd(encoder) => Pin::new(&mut **encoder),
        }
    }

    /// Compresses all bytes there are.
    pub(super) fn whole(mut self, mut bytes: &[u8]) -> std::io::Result<Bytes> {
        while !bytes.is_empty() {
            match self.write(bytes)? {
                0 => return Err(std::io::ErrorKind::WriteZero.into()),
                written => bytes = &bytes[written..],
            }
        }
        self.finish()?;
        Ok(self.take())
    }

    /// Takes bytes, and returns how many.
    pub(super) fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        ready(self.inner().poll_write(&mut Context::from_waker(Waker::noop()), bytes))
    }

    /// Makes output of all that was written.
    pub(super) fn flush(&mut self) -> std::io::Result<()> {
        ready(self.inner().poll_flush(&mut Context::from_waker(Waker::noop())))
    }

    /// Makes output of all that was written, and of the end.
    pub(super) fn finish(&mut self) -> std::io::Result<()> {
        ready(self.inner().poll_shutdown(&mut Context::from_waker(Waker::noop())))
    }

    /// The output since the last time.
    pub(super) fn take(&mut self) -> Bytes {
        let output = match self {
            Encoder::Br(encoder) => encoder.get_mut(),
            Encoder::Gzip(encoder) => encoder.get_mut(),
            Encoder::Zstd(encoder) => encoder.get_mut(),
        };
        std::mem::take(output).into()
    }
}

/// Memory is always ready.
fn ready<T>(polled: Poll<std::io::Result<T>>) -> std::io::Result<T> {
    match polled {
        Poll::Ready(result) => result,
        Poll::Pending => Err(std::io::Error::other("an encoder waits for memory")),
    }
}
