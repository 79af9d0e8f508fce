//! The layer: the request to the target, and what its response becomes.

use std::fmt;
use std::sync::Arc;

use connect::{Body, Error, Layer, Next, Request, Response, Rest, Result, Startup};
use http::header::{self, HeaderValue};
use http::{Method, StatusCode, Version};
use http_body::Body as _;
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;

use super::Proxy;
use super::body::{Broken, Progress, Received, Sent};
use super::connector::Connector;
use super::failure::{failed, in_time, was_closed};
use super::headers;
use super::target::has_dot_segments;
use super::tunnel::{self, Asked};

/// What [`Proxy`] becomes in a list.
pub struct ProxyLayer {
    options: Proxy,
    client: Client<Connector, Sent>,
    /// Why no request will succeed.
    fault: Option<String>,
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

    fn on_startup(&self, startup: &mut Startup) {
        if let Some(fault) = self.fault.clone() {
            startup.before_serving(async { Err(Error::msg(fault)) });
        }
    }

    fn name(&self) -> &str {
        "Proxy"
    }
}

impl ProxyLayer {
    pub(super) fn new(options: Proxy, client: Client<Connector, Sent>, fault: Option<String>) -> Self {
        ProxyLayer { options, client, fault }
    }

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
