//! Reading the target.

use std::borrow::Cow;

use http::{Uri, Version};

use super::Request;
use super::may_rewrite::MayRewrite;

/// The target.
impl Request {
    /// The path, without the part that the mounts around this layer have stripped. It begins with `/`, unless the
    /// client sent `*`. It is normalized: percent-encoded letters, digits and `-._~` are decoded.
    #[must_use]
    #[inline]
    pub fn path(&self) -> &str {
        self.target.path()
    }

    /// The path and the query, stripped like [`path`](Request::path). A target in absolute form
    /// (`http://example.com/x`, RFC 9112, section 3.2.2) keeps scheme and host, as in Connect. In HTTP/2 these two are
    /// separate fields (RFC 9113, section 8.3.1), and the URL is the `:path`, as in Node.
    #[must_use]
    pub fn url(&self) -> Cow<'_, str> {
        if self.version == Version::HTTP_2 { self.target.path_and_query() } else { self.target.url() }
    }

    /// The query string, without the `?`.
    #[must_use]
    pub fn query_string(&self) -> Option<&str> {
        self.target.uri().query()
    }

    /// Only [`Rewrite`] has this method; here it produces the compiler's message.
    #[doc(hidden)]
    pub fn set_url<U: MayRewrite>(&mut self, url: U) -> crate::Result<()> {
        url.never()
    }

    pub(crate) fn rewrite_url(&mut self, url: &str) -> crate::Result<()> {
        self.params.detach(self.target.uri().path());
        self.target.set_url(url)
    }

    /// The target after rewrites, with a normalized path, and not stripped.
    #[must_use]
    pub fn uri(&self) -> &Uri {
        self.target.uri()
    }

    /// The target as the client sent it, neither normalized nor rewritten: for logs and redirects. Do not compare its
    /// path: `/%70rivate` is the same path as `/private`.
    #[must_use]
    pub fn original_uri(&self) -> &Uri {
        self.target.original_uri()
    }

    /// The same as text (Express's `req.originalUrl`): the path and the query, and as in [`url`](Request::url) a scheme and a host
    /// only where the client sent a target in absolute form with HTTP/1.
    #[must_use]
    pub fn original_url(&self) -> Cow<'_, str> {
        let uri = self.original_uri();
        match uri.path_and_query() {
            Some(path) if uri.authority().is_none() || self.version == Version::HTTP_2 => {
                path.as_str().into()
            }
            _ => uri.to_string().into(),
        }
    }

    /// The part of the path that the mounts around this layer have stripped (Express's `req.baseUrl`): normalized, with
    /// the client's upper and lower case, and without a trailing slash. It is `""` outside of mounts.
    #[must_use]
    pub fn mount_path(&self) -> &str {
        self.target.mount_path()
    }
}

#[cfg(test)]
mod tests {
    use http::Version;

    #[test]
    fn a_url_of_http2_is_its_path_and_one_of_http1_what_was_sent() {
        for (version, uri, url) in [
            (Version::HTTP_11, "/%61?q=1", "/%61?q=1"),
            (Version::HTTP_11, "http://a.example/%61", "http://a.example/%61"),
            (Version::HTTP_11, "*", "*"),
            (Version::HTTP_11, "a.example:80", "a.example:80"),
            (Version::HTTP_2, "http://a.example/%61?q=1", "/%61?q=1"),
            (Version::HTTP_2, "https://a.example", "/"),
        ] {
            let req = http::Request::builder().version(version).uri(uri).body("").unwrap();
            let req = crate::Request::from(req);
            assert_eq!(req.original_url(), url, "{version:?} {uri}");
        }
    }
}
