//! The target of a request: stripped inside of mounts, rewritten by layers, and the original kept.

use std::borrow::Cow;

use http::Uri;
use http::uri::PathAndQuery;

use crate::{Error, Request, Result};

/// A target, and how much of its path is stripped.
///
/// Stripping moves an index; the text stays. A rewrite replaces the text behind the index, so that everything in
/// front of it, which is what the mounts around have stripped, still stands there when they put it back.
#[derive(Debug)]
pub(super) struct Target {
    /// With what was rewritten, and nothing stripped.
    uri: Uri,
    /// As the client sent it, once it was rewritten.
    original: Option<Uri>,
    /// How much of the path is stripped.
    stripped: usize,
    /// The least `stripped` of a rewrite since the innermost mount was entered. An index beyond it, kept by
    /// somebody from before that rewrite, points into text that is gone.
    rewritten: usize,
}

impl Target {
    pub(super) fn new(uri: Uri) -> Self {
        Target { uri, original: None, stripped: 0, rewritten: usize::MAX }
    }

    pub(super) fn uri(&self) -> &Uri {
        &self.uri
    }

    pub(super) fn original_uri(&self) -> &Uri {
        self.original.as_ref().unwrap_or(&self.uri)
    }

    #[inline]
    pub(super) fn stripped(&self) -> usize {
        self.stripped
    }

    #[inline]
    pub(super) fn path(&self) -> &str {
        match self.uri.path().get(self.stripped..) {
            None | Some("") => "/",
            Some(path) => path,
        }
    }

    pub(super) fn mount_path(&self) -> &str {
        self.uri.path().get(..self.stripped).unwrap_or("")
    }

    pub(super) fn url(&self) -> Cow<'_, str> {
        let full = self.uri.path_and_query().map_or("/", PathAndQuery::as_str);
        let rest = full.get(self.stripped..).unwrap_or("");
        match (self.uri.scheme_str(), self.uri.authority()) {
            (Some(scheme), Some(host)) => Cow::Owned(format!("{scheme}://{host}{rest}")),
            _ if rest.is_empty() => Cow::Borrowed("/"),
            // Row 86: a slash before a bare query.
            _ if rest.starts_with('?') => Cow::Owned(format!("/{rest}")),
            _ => Cow::Borrowed(rest),
        }
    }

    pub(super) fn set_url(&mut self, url: &str) -> Result<()> {
        let refuse = |source: Option<http::Error>| {
            let err =
                Error::msg(format!("cannot rewrite the url to `{url}`: expected a path or an absolute url"));
            match source {
                Some(source) => err.with_source(source),
                None => err,
            }
        };
        let new: Uri = url.parse().map_err(|err: http::uri::InvalidUri| refuse(Some(err.into())))?;
        let absolute = new.scheme().is_some();
        if !absolute && !url.starts_with('/') && url != "*" {
            return Err(refuse(None));
        }
        let new = if self.stripped == 0 {
            new
        } else {
            let rest = new.path_and_query().map_or("/", PathAndQuery::as_str);
            let mut parts = new.clone().into_parts();
            let full = format!("{}{rest}", self.mount_path());
            parts.path_and_query =
                Some(full.parse().map_err(|err: http::uri::InvalidUri| refuse(Some(err.into())))?);
            Uri::from_parts(parts).map_err(|err| refuse(Some(err.into())))?
        };
        let old = std::mem::replace(&mut self.uri, new);
        self.original.get_or_insert(old);
        self.rewritten = self.rewritten.min(self.stripped);
        Ok(())
    }
}

/// The request while more, or less, of its path is stripped. Dropping it restores the outer state, also when
/// the future that holds it is dropped.
pub(crate) struct Moved<'a> {
    pub(crate) req: &'a mut Request,
    stripped: usize,
    rewritten: usize,
}

impl<'a> Moved<'a> {
    /// Into a mount.
    pub(crate) fn into(req: &'a mut Request, stripped: usize) -> Self {
        let moved = Moved { stripped: req.target.stripped, rewritten: req.target.rewritten, req };
        moved.req.target.stripped = stripped;
        moved.req.target.rewritten = usize::MAX;
        moved
    }

    /// Out of one, to what follows it.
    pub(crate) fn out(req: &'a mut Request, stripped: usize) -> Self {
        let moved = Moved { stripped: req.target.stripped, rewritten: req.target.rewritten, req };
        moved.req.target.stripped = stripped.min(moved.req.target.rewritten);
        moved
    }
}

impl Drop for Moved<'_> {
    fn drop(&mut self) {
        let target = &mut self.req.target;
        target.stripped = self.stripped.min(target.rewritten);
        target.rewritten = target.rewritten.min(self.rewritten);
    }
}

#[cfg(test)]
mod tests {
    use super::Moved;
    use crate::Request;

    fn request(target: &str) -> Request {
        http::Request::builder().uri(target).body("").unwrap().into()
    }

    #[test]
    fn a_mount_strips_the_path_and_puts_it_back() {
        let mut req = request("/blog/post?x=1");
        {
            let moved = Moved::into(&mut req, 5);
            assert_eq!(
                (&*moved.req.url(), moved.req.path(), moved.req.mount_path()),
                ("/post?x=1", "/post", "/blog")
            );
            {
                let out = Moved::out(moved.req, 0);
                assert_eq!((&*out.req.url(), out.req.mount_path()), ("/blog/post?x=1", ""));
            }
            assert_eq!(moved.req.path(), "/post");
        }
        assert_eq!(req.url(), "/blog/post?x=1");
    }

    #[test]
    fn an_exactly_matched_mount_leaves_a_slash() {
        for (target, url) in [("/blog", "/"), ("/blog?a=1", "/?a=1"), ("http://e.com/blog", "http://e.com")] {
            let mut req = request(target);
            let moved = Moved::into(&mut req, 5);
            assert_eq!((&*moved.req.url(), moved.req.path()), (url, "/"), "{target}");
        }
    }

    #[test]
    fn a_rewrite_inside_of_a_mount_gets_the_prefix_back() {
        for target in ["/blog/post", "/blog"] {
            let mut req = request(target);
            Moved::into(&mut req, 5).req.set_url("/changed?q=1").unwrap();
            assert_eq!(req.url(), "/blog/changed?q=1");
            assert_eq!(req.original_uri(), target);
        }
    }

    #[test]
    fn a_rewrite_behind_a_mount_that_comes_back_leaves_no_stale_prefix() {
        let mut req = request("/a/b/c");
        {
            let a = Moved::into(&mut req, 2);
            {
                let b = Moved::into(a.req, 4);
                Moved::out(b.req, 0).req.set_url("/x").unwrap();
                assert_eq!((b.req.path(), b.req.mount_path()), ("/x", ""));
                assert_eq!(Moved::out(b.req, 2).req.path(), "/x");
            }
            assert_eq!(a.req.path(), "/x");
        }
        assert_eq!(req.path(), "/x");
    }

    #[test]
    fn what_is_no_url_is_refused() {
        let mut req = request("/a");
        for url in ["", "b", "b/c", "/a b", "mailto:x", "?q"] {
            assert!(req.set_url(url).is_err(), "{url}");
        }
        assert_eq!(req.url(), "/a");
        for url in ["/", "*", "/b?c", "http://e.com/x"] {
            req.set_url(url).unwrap();
            assert_eq!(req.url(), url);
        }
        assert_eq!(req.original_uri(), "/a");
    }
}
