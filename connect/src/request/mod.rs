//! The request, as the layers see it.

mod target;

use std::net::SocketAddr;

use http::{Extensions, HeaderMap, Method, Uri, Version};

use self::target::Target;
pub(crate) use self::target::{Mark, Moved};
use crate::Body;

/// A request on its way through a stack.
///
/// It is lent to one layer after the other as `&mut Request`; nothing of it is copied on the way.
///
/// # The target
/// Inside of a mount the path is *stripped*: the mount's own part is taken off [`path`](Request::path) and
/// [`url`](Request::url), and is found in [`mount_path`](Request::mount_path). It is put back after the mount,
/// also when a future is dropped half way. [`original_uri`](Request::original_uri) never changes.
///
/// | for `/blog/post?x=1`, inside `"/blog" => ..` | |
/// |---|---|
/// | `req.url()` | `/post?x=1` |
/// | `req.path()` | `/post` |
/// | `req.mount_path()` | `/blog` |
/// | `req.uri()`, `req.original_uri()` | `/blog/post?x=1` |
#[derive(Debug)]
pub struct Request {
    method: Method,
    version: Version,
    headers: HeaderMap,
    extensions: Extensions,
    target: Target,
    body: Body,
    peer: Option<SocketAddr>,
}

impl Request {
    /// The method.
    #[must_use]
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// Sets the method, as a method override does; it counts for the layers after this one.
    pub fn set_method(&mut self, method: Method) -> &mut Self {
        self.method = method;
        self
    }

    /// The version of HTTP that the client speaks.
    #[must_use]
    pub fn version(&self) -> Version {
        self.version
    }

    /// The headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The headers, to change them for the layers after this one.
    pub fn headers_mut(&mut self) -> &mut HeaderMap {
        &mut self.headers
    }

    /// A header as text: the first one of that name, if there is one and it is text.
    ///
    /// The name is looked up without regard to case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Typed values that layers attach to the request.
    #[must_use]
    pub fn extensions(&self) -> &Extensions {
        &self.extensions
    }

    /// Typed values, to attach one.
    pub fn extensions_mut(&mut self) -> &mut Extensions {
        &mut self.extensions
    }

    /// The body.
    #[must_use]
    pub fn body(&self) -> &Body {
        &self.body
    }

    /// The body, to read from it: `while let Some(chunk) = req.body_mut().chunk().await`.
    pub fn body_mut(&mut self) -> &mut Body {
        &mut self.body
    }

    /// Takes the body, to read it elsewhere, and leaves an empty one.
    #[must_use]
    pub fn take_body(&mut self) -> Body {
        std::mem::take(&mut self.body)
    }

    /// The address at the other end of the connection, if the request came over one.
    #[must_use]
    pub fn peer(&self) -> Option<SocketAddr> {
        self.peer
    }

    /// Says where the request came from, when the app is called as a service.
    pub fn set_peer(&mut self, peer: SocketAddr) -> &mut Self {
        self.peer = Some(peer);
        self
    }

    pub(crate) fn from_http<B>(req: http::Request<B>, body: impl FnOnce(B) -> Body) -> Self {
        let (head, raw) = req.into_parts();
        Request {
            method: head.method,
            version: head.version,
            headers: head.headers,
            extensions: head.extensions,
            target: Target::new(head.uri),
            body: body(raw),
            peer: None,
        }
    }

    /// How much of the path is stripped here.
    pub(crate) fn mark(&self) -> Mark {
        self.target.mark()
    }
}

/// The target.
impl Request {
    /// The path, without what the mounts around this layer have stripped. It begins with `/`, unless the client
    /// sent `*`. Percent-encoding is as the client sent it.
    #[must_use]
    #[inline]
    pub fn path(&self) -> &str {
        self.target.path()
    }

    /// The path and the query, stripped like [`path`](Request::path); for a target in absolute form
    /// (`http://example.com/x`, RFC 9112, section 3.2.2) with scheme and host in front, as Connect has it.
    #[must_use]
    pub fn url(&self) -> std::borrow::Cow<'_, str> {
        self.target.url()
    }

    /// The query string, without the `?`.
    #[must_use]
    pub fn query_string(&self) -> Option<&str> {
        self.target.uri().query()
    }

    /// Rewrites the target for the layers after this one.
    ///
    /// Inside of a mount it replaces the stripped target; the mount's own part is put back in front of it
    /// afterwards. A rewrite in a mounted middleware is therefore seen by the rest of the parent's stack too.
    ///
    /// # Errors
    /// If it is neither a path with an optional query nor an absolute url.
    pub fn set_url(&mut self, url: &str) -> crate::Result<()> {
        self.target.set_url(url)
    }

    /// The target with what layers have rewritten, and nothing stripped.
    #[must_use]
    pub fn uri(&self) -> &Uri {
        self.target.uri()
    }

    /// The target as the client sent it.
    #[must_use]
    pub fn original_uri(&self) -> &Uri {
        self.target.original_uri()
    }

    /// What the mounts around this layer have stripped, as the client spelled it, without a slash at the end:
    /// `""` outside of any. Express calls it `baseUrl`.
    #[must_use]
    pub fn mount_path(&self) -> &str {
        self.target.mount_path()
    }
}

impl<B: Into<Body>> From<http::Request<B>> for Request {
    fn from(req: http::Request<B>) -> Self {
        Request::from_http(req, Into::into)
    }
}
