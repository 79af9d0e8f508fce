//! The settings of a server, and how hyper's connections are configured.

use std::time::Duration;

use hyper::server::conn::http1;
#[cfg(feature = "http2")]
use hyper::server::conn::http2;

#[cfg(feature = "tls")]
use super::Tls;

/// The settings that each connection reads.
pub(super) struct Settings {
    /// For a whole request head, and for the TLS handshake.
    pub(super) header_timeout: Duration,
    /// Between two requests.
    pub(super) keep_alive_timeout: Duration,
    /// While the client reads nothing of what the server writes.
    pub(super) write_timeout: Duration,
    /// For a handler after its client has closed its half of the connection.
    pub(super) half_close_timeout: Duration,
    /// Whether clients may speak HTTP/2 without TLS.
    pub(super) http2: bool,
    #[cfg(feature = "tls")]
    pub(super) tls: Option<Tls>,
    pub(super) http1: http1::Builder,
    /// For HTTP/2; hyper counts the headers of HTTP/1.
    #[cfg(feature = "http2")]
    pub(super) max_headers: usize,
    /// In bytes.
    #[cfg(feature = "http2")]
    max_header_list: u32,
    #[cfg(feature = "http2")]
    pub(super) max_streams: u32,
    /// For each HTTP/2 connection, in bytes.
    #[cfg(feature = "http2")]
    pub(super) max_backlog: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            header_timeout: Duration::from_secs(30),
            keep_alive_timeout: Duration::from_secs(75),
            write_timeout: Duration::from_secs(60),
            half_close_timeout: Duration::from_secs(30),
            http2: cfg!(feature = "http2"),
            #[cfg(feature = "tls")]
            tls: None,
            http1: http1(),
            #[cfg(feature = "http2")]
            max_headers: 100,
            #[cfg(feature = "http2")]
            max_header_list: MAX_HEADER_BYTES as u32,
            #[cfg(feature = "http2")]
            max_streams: 100,
            #[cfg(feature = "http2")]
            max_backlog: 16 << 20,
        }
    }
}

impl Settings {
    pub(super) fn set_max_headers(&mut self, limit: usize) {
        self.http1.max_headers(limit);
        #[cfg(feature = "http2")]
        {
            self.max_headers = limit;
        }
    }

    pub(super) fn set_max_header_bytes(&mut self, limit: usize) {
        let limit = limit.clamp(8192, u32::MAX as usize);
        self.http1.max_header_size(limit);
        #[cfg(feature = "http2")]
        {
            self.max_header_list = limit as u32;
        }
    }

    pub(super) fn is_encrypted(&self) -> bool {
        #[cfg(feature = "tls")]
        return self.tls.is_some();
        #[cfg(not(feature = "tls"))]
        false
    }
}

/// The longest request head by default, in bytes.
const MAX_HEADER_BYTES: usize = 64 * 1024;

fn http1() -> http1::Builder {
    let mut builder = http1::Builder::new();
    // The connection's task enforces the timeout for a head, with one timer; hyper would make a timer for each request.
    builder.header_read_timeout(None).max_header_size(MAX_HEADER_BYTES);
    builder
}

#[cfg(feature = "http2")]
impl Settings {
    /// hyper's settings for an HTTP/2 connection, whose streams `streams` spawns.
    pub(super) fn http2<E>(&self, streams: E) -> http2::Builder<E> {
        let mut builder = http2::Builder::new(streams);
        builder
            .timer(hyper_util::rt::TokioTimer::new())
            // Detects clients that disappeared without closing the connection while streams are open.
            .keep_alive_interval(Duration::from_secs(30))
            .keep_alive_timeout(Duration::from_secs(30))
            .max_concurrent_streams(self.max_streams)
            .max_header_list_size(self.max_header_list)
            // hyper would buffer 400 KB for each stream of a client that reads slowly.
            .max_send_buf_size(64 * 1024)
            // The protocol's default window would limit an upload to 64 KB in a round trip.
            .adaptive_window(true);
        // A client opens a WebSocket over HTTP/2 (RFC 8441) only if the server announces the extended CONNECT.
        #[cfg(feature = "websocket")]
        builder.enable_connect_protocol();
        builder
    }
}
