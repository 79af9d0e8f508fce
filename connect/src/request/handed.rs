//! A request that goes to a tower service, and comes back from one.

use std::mem;

use http::Uri;

use super::Request;
use crate::{Body, Result};

impl Request {
    /// The request as a tower service sees it, with another body in place of ours. The headers and the extensions go
    /// along, and are missing here until [`take_back`](Request::take_back).
    pub(crate) fn hand_out(&mut self, body: Body) -> http::Request<Body> {
        let mut out = http::Request::new(body);
        *out.method_mut() = self.method.clone();
        *out.version_mut() = self.version;
        *out.uri_mut() = self.stripped_uri();
        *out.headers_mut() = mem::take(&mut self.headers);
        *out.extensions_mut() = mem::take(&mut self.extensions);
        out
    }

    /// What [`url`](Request::url) is. Inside of a mount it has to be written anew.
    fn stripped_uri(&self) -> Uri {
        if self.target.stripped() == 0 {
            return self.target.uri().clone();
        }
        // What is left of a target is one too.
        self.target.url().parse().unwrap_or_else(|_| self.target.uri().clone())
    }

    /// The request as a tower layer left it. Where the layer has rewritten the target, that counts from here on.
    pub(crate) fn take_back(&mut self, req: http::Request<Body>) -> Result<()> {
        let (head, body) = req.into_parts();
        self.method = head.method;
        self.version = head.version;
        self.headers = head.headers;
        self.extensions = head.extensions;
        // A body that was read is kept, with what was made of it, unless the layer has put another in its place.
        if !self.body.was_read() || !http_body::Body::is_end_stream(&body) {
            self.body = body;
        }
        if self.is_at(&head.uri) { Ok(()) } else { self.rewrite_url(&head.uri.to_string()) }
    }

    /// Whether a target is the one that was handed out.
    fn is_at(&self, uri: &Uri) -> bool {
        match self.target.stripped() {
            0 => uri == self.target.uri(),
            _ => *uri == self.stripped_uri(),
        }
    }
}
