//! The streams of connections, split in two halves.
//!
//! They are one type, so that a server is compiled once for an app and not once for each kind of stream.

use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpStream, tcp};
#[cfg(unix)]
use tokio::net::{UnixStream, unix};

#[cfg(feature = "tls")]
type TlsStream = tokio_rustls::server::TlsStream<TcpStream>;

/// An accepted stream.
pub(in crate::server) enum Stream {
    /// With whether it begins with the PROXY protocol.
    Tcp(
        TcpStream,
        SocketAddr,
        #[cfg_attr(not(feature = "proxy-protocol"), allow(dead_code, reason = "nobody asks"))] bool,
    ),
    #[cfg(unix)]
    Unix(UnixStream),
}

pub(super) enum ReadHalf {
    Tcp(tcp::OwnedReadHalf),
    #[cfg(unix)]
    Unix(unix::OwnedReadHalf),
    #[cfg(feature = "tls")]
    Tls(tokio::io::ReadHalf<TlsStream>),
}

pub(super) enum WriteHalf {
    Tcp(tcp::OwnedWriteHalf),
    #[cfg(unix)]
    Unix(unix::OwnedWriteHalf),
    #[cfg(feature = "tls")]
    Tls(tokio::io::WriteHalf<TlsStream>),
}

impl Stream {
    pub(in crate::server) fn peer(&self) -> Option<SocketAddr> {
        match self {
            Stream::Tcp(_, peer, _) => Some(*peer),
            #[cfg(unix)]
            Stream::Unix(_) => None,
        }
    }

    pub(super) fn local(&self) -> Option<SocketAddr> {
        match self {
            Stream::Tcp(stream, ..) => stream.local_addr().ok(),
            #[cfg(unix)]
            Stream::Unix(_) => None,
        }
    }

    pub(super) fn set_nodelay(&self) {
        if let Stream::Tcp(stream, ..) = self {
            // Responses are written whole, so waiting for more data would only delay them. Failing to set the option
            // does no harm.
            let _ = stream.set_nodelay(true);
        }
    }

    pub(super) fn split(self) -> (ReadHalf, WriteHalf) {
        match self {
            Stream::Tcp(stream, ..) => {
                let (read, write) = stream.into_split();
                (ReadHalf::Tcp(read), WriteHalf::Tcp(write))
            }
            #[cfg(unix)]
            Stream::Unix(stream) => {
                let (read, write) = stream.into_split();
                (ReadHalf::Unix(read), WriteHalf::Unix(write))
            }
        }
    }
}

impl WriteHalf {
    /// Whether it buffers what is written until it is flushed.
    #[inline]
    pub(super) fn is_buffered(&self) -> bool {
        #[cfg(feature = "tls")]
        return matches!(self, WriteHalf::Tls(_));
        #[cfg(not(feature = "tls"))]
        false
    }

    /// Makes closing the connection a reset: the kernel then drops what it has not sent, instead of keeping it for a
    /// client that does not read. It is not possible below TLS.
    pub(super) fn reset_when_closed(&self) {
        if let WriteHalf::Tcp(half) = self {
            // Without the option the socket is closed all the same.
            let _ = half.as_ref().set_zero_linger();
        }
    }
}

#[cfg(feature = "tls")]
pub(super) fn split_tls(stream: TlsStream) -> (ReadHalf, WriteHalf) {
    let (read, write) = tokio::io::split(stream);
    (ReadHalf::Tls(read), WriteHalf::Tls(write))
}

macro_rules! each {
    ($half:ident, $this:expr, $stream:ident => $call:expr) => {
        match $this {
            $half::Tcp($stream) => $call,
            #[cfg(unix)]
            $half::Unix($stream) => $call,
            #[cfg(feature = "tls")]
            $half::Tls($stream) => $call,
        }
    };
}

impl AsyncRead for ReadHalf {
    #[inline]
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        each!(ReadHalf, self.get_mut(), stream => Pin::new(stream).poll_read(cx, buf))
    }
}

impl AsyncWrite for WriteHalf {
    #[inline]
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        each!(WriteHalf, self.get_mut(), stream => Pin::new(stream).poll_write(cx, buf))
    }

    #[inline]
    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        each!(WriteHalf, self.get_mut(), stream => Pin::new(stream).poll_write_vectored(cx, bufs))
    }

    fn is_write_vectored(&self) -> bool {
        each!(WriteHalf, self, stream => stream.is_write_vectored())
    }

    #[inline]
    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        each!(WriteHalf, self.get_mut(), stream => Pin::new(stream).poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        each!(WriteHalf, self.get_mut(), stream => Pin::new(stream).poll_shutdown(cx))
    }
}
