//! Requests that another server answers: a reverse proxy, usually below a path.
//!
//! ```
//! use connect::{app, get};
//! use connect_middleware::proxy::Proxy;
//!
//! #[get("/")]
//! fn index() -> &'static str {
//!     "hello"
//! }
//!
//! // `/api/users?page=2` goes to `http://127.0.0.1:3000/v1/users?page=2`.
//! let app = app!["/api" => [Proxy::to("http://127.0.0.1:3000/v1")], index];
//! ```
//!
//! Bodies are not buffered: each piece goes on when it arrives, in both directions, and a side that does not read is not sent more.
//! A stream of events passes event by event. A WebSocket is a tunnel, for clients of HTTP/1.1 and of HTTP/2; no other protocol is
//! switched to. Connections to the target are kept and used again.
//!
//! # Options
//! | option | type | default | effect |
//! |---|---|---|---|
//! | [`Proxy::to`] | URL | | the target: `http://` or `https://`, a host, a port and a path in front of all paths |
//! | [`keep_mount`](Proxy::keep_mount) | | removed | the path of the mount is a part of the path that is sent |
//! | [`rewrite`](Proxy::rewrite) | function | none | another path |
//! | [`keep_host`](Proxy::keep_host) | | the target's | `Host` is the client's |
//! | [`keep_location`](Proxy::keep_location) | | rewritten | `Location` goes to the client as it is |
//! | [`max_body`](Proxy::max_body) | number | none | a longer request body is refused |
//! | [`connect_timeout`](Proxy::connect_timeout) | `Duration` | 10 seconds | how long it may take to connect |
//! | [`head_timeout`](Proxy::head_timeout) | `Duration` or `None` | 60 seconds | how long the target may take to begin its response, or to take more of the request body |
//! | [`idle_timeout`](Proxy::idle_timeout) | `Duration` or `None` | 60 seconds | how long the target may pause in its response; streams of events may pause without end |
//! | [`max_idle`](Proxy::max_idle) | number | 32 | how many connections without a request are kept |
//! | [`idle_connection_timeout`](Proxy::idle_connection_timeout) | `Duration` | 15 seconds | how long they are kept: less than the target keeps them |
//! | `trust_certificates` | PEM | the system's | the authorities whose certificates are trusted |
//! | `tls_config` | rustls' `ClientConfig` | | everything else of TLS |
//!
//! The last two are there with the feature `proxy-tls`, which a target with `https://` needs. The name in its certificate is that of the
//! URL, also with `keep_host`. The proxy speaks TLS 1.2 and 1.3, and HTTP/1.1 in it.
//!
//! # What is sent
//! The query is sent byte for byte. The path is that of [`Request::path`](connect::Request::path): percent-encoded letters, digits and
//! `-._~` are decoded in it, and nothing else.
//!
//! Headers of the connection alone (RFC 9110, section 7.6.1) are removed in both directions: `Connection` and what it names,
//! `Keep-Alive`, `Proxy-*`, `TE` except `trailers`, `Transfer-Encoding`, `Upgrade`. Bodies are framed anew, so a request that two
//! servers could read in two ways does not get through. `Expect` is answered here. Trailers pass. `Via` names `connect`.
//!
//! `X-Forwarded-For`, `X-Forwarded-Host` and `X-Forwarded-Proto` say what the app itself believes: with
//! [`App::trust_proxy`](connect::App::trust_proxy) the addresses of its proxies are in the list, and otherwise only the peer's.
//! Whatever else a client sends as `X-Forwarded-*`, `Forwarded` or `X-Real-IP` is removed.
//!
//! All other headers are sent, `Authorization` and `Cookie` included, so the target sees the tokens and sessions of this app. For a target that
//! should not, a middleware above the proxy removes them, `req.headers_mut().remove("cookie")`, or sets others.
//!
//! A `Location` with the target's address becomes one below the mount. `Set-Cookie` stays as it is, `Path` included.
//!
//! A request that was not written to a kept connection because the target had closed it is sent again on another one. If it was written
//! and the connection then closed without a response, it is sent again once if it has no body and the method is `GET`, `HEAD` or `OPTIONS`.
//!
//! # Needs and provides
//! Nothing. The app's [`body_limit`](connect::body_limit()) is for bodies in memory and does not hold here: see
//! [`max_body`](Proxy::max_body). Where [`body_parser`](connect::body_parser) stands above, the body that it has kept is sent, decoded:
//! it was buffered then, and was limited by `body_limit`. List the proxy above it.
//!
//! # What goes wrong
//! | what | the client gets |
//! |---|---|
//! | the target cannot be reached, its certificate is not trusted, or its response is malformed | 502 |
//! | it does not connect or respond in time | 504 |
//! | the response breaks off | the same: an incomplete response |
//! | the path has a segment `.` or `..`, in any encoding | 400 |
//! | the request body is longer than [`max_body`](Proxy::max_body) | 413 |
//! | the request body breaks off | 400, and the target sees an incomplete request |
//! | the client sends the body too slowly for the app's [`body_timeout`](connect::App::body_timeout) or [`min_body_rate`](connect::App::min_body_rate) | 408, and the same |
//! | the method is `CONNECT` | 501 |
//! | a layer above has read the body and kept nothing | 500 |
//!
//! All are on the error track. Their messages do not name the target; their sources, which are logged, may. If the client leaves, the request to
//! the target is cancelled: at once in HTTP/2, or if it resets the connection. One that only closes it, as HTTP/1 allows, may still read, and the
//! request is cancelled after [`half_close_timeout`](connect::Server::half_close_timeout). Tunnels end when the server shuts down.
//!
//! # Differences from http-proxy-middleware
//! `changeOrigin` and `xfwd` are on, and clients cannot forge what `xfwd` says. A body that a parser has read is sent, where a proxied
//! `POST` hangs in Express. There are timeouts by default. A target is one server: put nginx or HAProxy in front of several. `secure:
//! false`, which accepts any certificate, has no counterpart: trust the one that the target has. There is no `selfHandleResponse`, `followRedirects` and `cookieDomainRewrite`: a layer above
//! changes the response.

mod body;
mod connector;
mod failure;
mod headers;
mod layer;
mod target;
mod tunnel;

use std::fmt;
use std::time::Duration;

use connect::IntoLayer;
use http::header::HeaderValue;
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};

pub use self::layer::ProxyLayer;
use self::target::Target;

/// Sends requests on to another server.
pub struct Proxy {
    target: Target,
    host: Option<HeaderValue>,
    keep_mount: bool,
    rewrite: Option<Rewriting>,
    keep_location: bool,
    max_body: u64,
    connect_timeout: Duration,
    head_timeout: Option<Duration>,
    idle_timeout: Option<Duration>,
    max_idle: usize,
    idle_connection_timeout: Duration,
    #[cfg(feature = "proxy-tls")]
    tls: connector::Tls,
}

// An option is a function of any type.
type Rewriting = Box<dyn Fn(&str) -> String + Send + Sync>;

impl Proxy {
    /// A proxy to a server: `http://127.0.0.1:3000`, or with a path that is put in front of all paths. For `https://` it needs the
    /// feature `proxy-tls`.
    ///
    /// # Panics
    /// If it is not a URL with the scheme `http` or `https`, or has more than a host, a port and a path. A client has no part in it.
    #[must_use]
    pub fn to(target: impl AsRef<str>) -> Self {
        let target = Target::parse(target.as_ref()).unwrap_or_else(|err| panic!("Proxy::to: {err}"));
        let host = HeaderValue::from_str(target.authority.as_str()).ok();
        Proxy {
            target,
            host,
            keep_mount: false,
            rewrite: None,
            keep_location: false,
            max_body: u64::MAX,
            connect_timeout: Duration::from_secs(10),
            head_timeout: Some(Duration::from_secs(60)),
            idle_timeout: Some(Duration::from_secs(60)),
            max_idle: 32,
            idle_connection_timeout: Duration::from_secs(15),
            #[cfg(feature = "proxy-tls")]
            tls: connector::Tls::System,
        }
    }

    /// Keeps the path of the mount in front: by default it is removed.
    #[must_use]
    pub fn keep_mount(mut self) -> Self {
        self.keep_mount = true;
        self
    }

    /// Sets a function that makes another path of the path: `/users` of `/api/users` if the proxy is mounted at `/api`. It begins
    /// with a slash. The path of the target is put in front, and the query behind it. With it, a `Location` stays as it is.
    ///
    /// ```
    /// # use connect_middleware::proxy::Proxy;
    /// let proxy = Proxy::to("http://127.0.0.1:3000").rewrite(|path| path.replacen("/old/", "/new/", 1));
    /// ```
    #[must_use]
    pub fn rewrite(mut self, path: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        self.rewrite = Some(Box::new(path));
        self
    }

    /// Sends the client's `Host`: by default it is the target's.
    #[must_use]
    pub fn keep_host(mut self) -> Self {
        self.host = None;
        self
    }

    /// Sends `Location` to the client as it is: by default one with the target's address becomes one below the mount.
    #[must_use]
    pub fn keep_location(mut self) -> Self {
        self.keep_location = true;
        self
    }

    /// Refuses request bodies that are longer, in bytes: by default they may have any length.
    #[must_use]
    pub fn max_body(mut self, bytes: u64) -> Self {
        self.max_body = bytes;
        self
    }

    /// Sets how long it may take to connect to the target: by default 10 seconds, for the address of its name, the connection and, with
    /// `https://`, the TLS handshake.
    #[must_use]
    pub fn connect_timeout(mut self, time: Duration) -> Self {
        self.connect_timeout = time;
        self
    }

    /// Sets how long the target may take to begin its response, or to take more of the request body: by default 60 seconds. Time in which
    /// the client sends no more of the body does not count. With a body, a target may take up to twice as long.
    #[must_use]
    pub fn head_timeout(mut self, time: impl Into<Option<Duration>>) -> Self {
        self.head_timeout = time.into();
        self
    }

    /// Sets how long the target may pause in its response: by default 60 seconds. A stream of events may pause without end.
    #[must_use]
    pub fn idle_timeout(mut self, time: impl Into<Option<Duration>>) -> Self {
        self.idle_timeout = time.into();
        self
    }

    /// Sets how many connections without a request are kept: by default 32. With 0, each request has a connection of its own.
    #[must_use]
    pub fn max_idle(mut self, connections: usize) -> Self {
        self.max_idle = connections;
        self
    }

    /// Sets how long a connection without a request is kept: by default 15 seconds. It should be less than the target keeps it.
    #[must_use]
    pub fn idle_connection_timeout(mut self, time: Duration) -> Self {
        self.idle_connection_timeout = time;
        self
    }

    /// Trusts the certificates of these authorities alone, in PEM: by default those that the system trusts. For a target whose certificate
    /// an authority of your own has issued.
    ///
    /// ```no_run
    /// # use connect_middleware::proxy::Proxy;
    /// # fn proxy() -> std::io::Result<Proxy> {
    /// Ok(Proxy::to("https://billing.internal").trust_certificates(std::fs::read("/etc/app/ca.pem")?))
    /// # }
    /// ```
    ///
    /// # Panics
    /// If it is not PEM, or has no certificate.
    #[cfg(feature = "proxy-tls")]
    #[must_use]
    #[track_caller]
    pub fn trust_certificates(mut self, pem: impl AsRef<[u8]>) -> Self {
        self.tls = connector::Tls::trusting(pem.as_ref())
            .unwrap_or_else(|err| panic!("Proxy::trust_certificates: {err}"));
        self
    }

    /// Sets your own configuration of rustls 0.23, for example with a certificate of the client. It names no ALPN protocols, since the proxy
    /// speaks HTTP/1.1 to its target.
    ///
    /// # Panics
    /// If it names some.
    #[cfg(feature = "proxy-tls")]
    #[must_use]
    #[track_caller]
    pub fn tls_config(mut self, config: rustls::ClientConfig) -> Self {
        assert!(config.alpn_protocols.is_empty(), "Proxy::tls_config: leave `alpn_protocols` empty");
        self.tls = connector::Tls::Config(config.into());
        self
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxy").field("target", &self.target).finish_non_exhaustive()
    }
}

impl IntoLayer for Proxy {
    type Layer = ProxyLayer;

    fn into_layer(self) -> ProxyLayer {
        let (connector, fault) = connector::new(&self);
        let client = Client::builder(TokioExecutor::new())
            .timer(TokioTimer::new())
            .pool_timer(TokioTimer::new())
            .pool_max_idle_per_host(self.max_idle)
            .pool_idle_timeout(self.idle_connection_timeout)
            .retry_canceled_requests(true)
            .build(connector);
        ProxyLayer::new(self, client, fault)
    }
}
