//! A request that is passed to a tower service, and returned by one.

use std::mem;

use http::Uri;

use super::Request;
use crate::{Body, Result};

impl Request {
    /// Makes the `http::Request` for a tower service, with another body. The headers and the extensions are moved into
    /// it, and are missing here until [`take_back`](Request::take_back).
    pub(crate) fn hand_out(&mut self, body: Body) -> http::Request<Body> {
        let mut out = http::Request::new(body);
        *out.method_mut() = self.method.clone();
        *out.version_mut() = self.version;
        *out.uri_mut() = self.stripped_uri();
        *out.headers_mut() = mem::take(&mut self.headers);
        *out.extensions_mut() = mem::take(&mut self.extensions);
        out
    }

    /// The [`url`](Request::url) as a `Uri`. Inside a mount it has to be parsed again.
    fn stripped_uri(&self) -> Uri {
        if self.target.stripped() == 0 {
            return self.target.uri().clone();
        }
        // The rest of a valid target is valid too.
        self.target.url().parse().unwrap_or_else(|_| self.target.uri().clone())
    }

    /// Puts back the request that a tower layer passed on. If the layer has rewritten the target, the new one applies.
    pub(crate) fn take_back(&mut self, req: http::Request<Body>) -> Result<()> {
        let (head, body) = req.into_parts();
        self.method = head.method;
        self.version = head.version;
        self.headers = head.headers;
        self.extensions = head.extensions;
        // A body that was read is kept, with its parsed value, unless the layer has replaced it.
        if !self.body.was_read() || !http_body::Body::is_end_stream(&body) {
            self.body = body;
        }
        if self.is_at(&head.uri) { Ok(()) } else { self.rewrite_url(&head.uri.to_string()) }
    }

    /// Whether a target is the one that was passed to the layer.
    fn is_at(&self, uri: &Uri) -> bool {
        match self.target.stripped() {
            0 => uri == self.target.uri(),
            _ => *uri == self.stripped_uri(),
        }
    }
}
