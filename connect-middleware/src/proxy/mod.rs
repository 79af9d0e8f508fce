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
//! | [`Proxy::to`] | URL | | the target: `http://`, a host, a port and a path in front of all paths |
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
//! | the target cannot be reached, or its response is malformed | 502 |
//! | it does not connect or respond in time | 504 |
//! | the response breaks off | the same: an incomplete response |
//! | the path has a segment `.` or `..`, in any encoding | 400 |
//! | the request body is longer than [`max_body`](Proxy::max_body) | 413 |
//! | the request body breaks off | 400, and the target sees an incomplete request |
//! | the method is `CONNECT` | 501 |
//! | a layer above has read the body and kept nothing | 500 |
//!
//! All are on the error track. Their messages do not name the target; their sources, which are logged, may. If the client leaves, the request to
//! the target is cancelled. Tunnels end when the server shuts down.
//!
//! # Differences from http-proxy-middleware
//! `changeOrigin` and `xfwd` are on, and clients cannot forge what `xfwd` says. A body that a parser has read is sent, where a proxied
//! `POST` hangs in Express. There are timeouts by default. A target is one server: put nginx or HAProxy in front of several, and in
//! front of one that speaks only TLS. There is no `selfHandleResponse`, `followRedirects` and `cookieDomainRewrite`: a layer above
//! changes the response.

mod body;
mod failure;
mod headers;
mod target;
mod tunnel;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use connect::{Body, Error, IntoLayer, Layer, Next, Request, Response, Rest, Result};
use http::header::{self, HeaderValue};
use http::{Method, StatusCode, Version};
use http_body::Body as _;
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};

use self::body::{Broken, Progress, Received, Sent};
use self::failure::{failed, in_time, was_closed};
use self::target::{Target, has_dot_segments};
use self::tunnel::Asked;

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
}

// An option is a function of any type.
type Rewriting = Box<dyn Fn(&str) -> String + Send + Sync>;

impl Proxy {
    /// A proxy to a server: `http://127.0.0.1:3000`, or with a path that is put in front of all paths.
    ///
    /// # Panics
    /// If it is not a URL with the scheme `http`, or has more than a host, a port and a path. A client has no part in it.
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

    /// Sets how long it may take to connect to the target: by default 10 seconds.
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
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxy").field("target", &self.target).finish_non_exhaustive()
    }
}

impl IntoLayer for Proxy {
    type Layer = ProxyLayer;

    fn into_layer(self) -> ProxyLayer {
        let mut connector = HttpConnector::new();
        connector.set_connect_timeout(Some(self.connect_timeout));
        connector.set_nodelay(true);
        // A target that has disappeared would otherwise keep a tunnel open.
        connector.set_keepalive(Some(Duration::from_secs(60)));
        let client = Client::builder(TokioExecutor::new())
            .timer(TokioTimer::new())
            .pool_timer(TokioTimer::new())
            .pool_max_idle_per_host(self.max_idle)
            .pool_idle_timeout(self.idle_connection_timeout)
            .retry_canceled_requests(true)
            .build(connector);
        ProxyLayer { options: self, client }
    }
}

/// What [`Proxy`] becomes in a list.
pub struct ProxyLayer {
    options: Proxy,
    client: Client<HttpConnector, Sent>,
}

impl fmt::Debug for ProxyLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProxyLayer").field("options", &self.options).finish_non_exhaustive()
    }
}

impl Layer for ProxyLayer {
    async fn run<R: Rest>(&self, req: &mut Request, res: &mut Response, _next: Next<(), R>) -> Result {
        if *req.method() == Method::CONNECT {
            return Err(Error::new(501, "the proxy opens no tunnels by CONNECT"));
        }
        let asked = tunnel::asked(req);
        let (upstream, location) = self.send(asked, req).await?;
        if upstream.status() == StatusCode::SWITCHING_PROTOCOLS {
            return match asked {
                Some(asked) => tunnel::open(asked, upstream, req, res),
                None => Err(Error::new(502, "the upstream server has switched protocols unasked")),
            };
        }
        if asked == Some(Asked::Connect) && upstream.status().is_success() {
            // To the client a 2xx would be an open WebSocket.
            return Err(Error::new(502, "the upstream server has opened no WebSocket"));
        }
        let (head, received) = upstream.into_parts();
        headers::answer(head.status, &head.headers, res);
        if let Some(mount) = location {
            self.rewrite_location(&mount, res);
        }
        let is_events = head
            .headers
            .get(header::CONTENT_TYPE)
            .is_some_and(|kind| kind.as_bytes().to_ascii_lowercase().starts_with(b"text/event-stream"));
        let idle = self.options.idle_timeout.filter(|_| !is_events);
        res.end(Body::new(Received::new(received, idle)))
    }

    fn name(&self) -> &str {
        "Proxy"
    }
}

impl ProxyLayer {
    /// Sends the request, and returns the response with the path below which a `Location` is rewritten.
    async fn send(
        &self,
        asked: Option<Asked>,
        req: &mut Request,
    ) -> Result<(http::Response<Incoming>, Option<String>)> {
        let options = &self.options;
        let (mut body, is_kept) =
            if asked.is_some() { (Body::empty(), false) } else { self.body(req).await? };
        let has_body = !body.is_end_stream();
        let progress = (has_body && options.head_timeout.is_some()).then(Arc::<Progress>::default);
        let may_retry = !has_body
            && matches!(*req.method(), Method::GET | Method::HEAD | Method::OPTIONS)
            && asked.is_none();
        let mut is_second = false;
        loop {
            let mut head = self.head(asked, &body, req)?;
            if is_kept {
                // The parser has decoded it.
                head.headers_mut().remove(header::CONTENT_ENCODING);
            }
            let sent = Sent::new(std::mem::take(&mut body), options.max_body, progress.clone());
            let response = self.client.request(head.map(|()| sent));
            match in_time(response, options.head_timeout, progress.as_deref()).await {
                Some(Ok(response)) => {
                    let rewrites = !options.keep_location && options.rewrite.is_none();
                    let mount = if options.keep_mount { "" } else { req.mount_path() };
                    let has_location = response.headers().contains_key(header::LOCATION);
                    let mount = (rewrites && has_location).then(|| mount.to_owned());
                    return Ok((response, mount));
                }
                Some(Err(err)) if may_retry && !is_second && was_closed(&err) => is_second = true,
                Some(Err(err)) => return Err(failed(err)),
                None => return Err(Error::new(504, "the upstream server did not respond in time")),
            }
        }
    }

    /// The request without its body.
    fn head(&self, asked: Option<Asked>, body: &Body, req: &Request) -> Result<http::Request<()>> {
        let options = &self.options;
        let mut head = http::Request::new(());
        *head.method_mut() = req.method().clone();
        *head.version_mut() = Version::HTTP_11;
        *head.uri_mut() = self.uri(req)?;
        let host = options.host.clone().or_else(|| HeaderValue::from_str(req.host()?).ok());
        let mut sent = headers::of_request(req, host);
        match body.size_hint().exact() {
            // hyper sends no body of unknown length with `GET` unless the header says so.
            None => _ = sent.insert(header::TRANSFER_ENCODING, HeaderValue::from_static("chunked")),
            Some(0) if !req.headers().contains_key(header::CONTENT_LENGTH) => {}
            Some(length) => _ = sent.insert(header::CONTENT_LENGTH, length.into()),
        }
        if let Some(asked) = asked {
            tunnel::ask(asked, &mut sent)?;
        }
        *head.headers_mut() = sent;
        Ok(head)
    }

    fn uri(&self, req: &Request) -> Result<http::Uri> {
        let options = &self.options;
        let path = if options.keep_mount { req.uri().path() } else { req.path() };
        if !path.starts_with('/') || has_dot_segments(path) {
            return Err(Error::new(
                400,
                "the path cannot be sent on: it has a segment `.` or `..`, or is none",
            ));
        }
        let Some(rewrite) = &options.rewrite else {
            return options.target.uri(path, req.query_string());
        };
        let path = rewrite(path);
        if !path.starts_with('/') || path.contains(['?', '#']) || has_dot_segments(&path) {
            return Err(Error::msg("the function of `Proxy::rewrite` did not return a path"));
        }
        options.target.uri(&path, req.query_string())
    }

    /// The body: the client's, or what a parser above has kept of it, and whether it is that.
    async fn body(&self, req: &mut Request) -> Result<(Body, bool)> {
        let length =
            req.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
        let length: u64 = length.unwrap_or(0);
        if length > self.options.max_body {
            return Err(Error::new(413, Broken::TooLong.to_string()));
        }
        if !req.body().is_end_stream() {
            return Ok((req.take_body(), false));
        }
        // In HTTP/2 a body need not be announced.
        let is_announced = length > 0 || req.headers().contains_key(header::TRANSFER_ENCODING);
        if !is_announced && req.version() < Version::HTTP_2 {
            return Ok((Body::empty(), false));
        }
        match req.bytes().await {
            Ok(kept) if !kept.is_empty() || length == 0 => Ok((kept.into(), true)),
            Ok(_) => Err(Error::msg(ALREADY_READ)),
            Err(err) => Err(Error::msg(ALREADY_READ).with_source(err)),
        }
    }

    fn rewrite_location(&self, mount: &str, res: &mut Response) {
        let location =
            res.header("location").and_then(|location| self.options.target.location(location, mount));
        if let Some(Ok(location)) = location.map(HeaderValue::try_from) {
            res.headers_mut().insert(header::LOCATION, location);
        }
    }
}

const ALREADY_READ: &str = "a layer above the proxy has read the body: list the proxy above it";
