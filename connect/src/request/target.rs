//! The target of a request: stripped inside mounts, rewritten by layers, and the original.

use std::borrow::Cow;
use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use http::Uri;
use http::uri::PathAndQuery;

use super::normal::normalized;
use crate::route::decode::is_encoded;
use crate::{Error, Result};

/// A target, and how much of its path is stripped.
///
/// Stripping moves an index; the text stays. A rewrite replaces the text after the index, so that the part that mounts
/// have stripped is still there when they restore it.
#[derive(Debug)]
pub(super) struct Target {
    /// The target after rewrites, normalized, and not stripped.
    uri: Uri,
    /// As the client sent it, if that differs. Boxed, since that is rare and requests are moved.
    original: Option<Box<Uri>>,
    /// How much of the path is stripped.
    stripped: usize,
    /// How much was stripped at each rewrite: the text after that index was replaced. See [`Mark`].
    rewrites: Vec<usize>,
    /// A unique number. See [`Mark`].
    id: u64,
    /// See [`Target::is_encoded`].
    encoded: bool,
}

/// How much of the path was stripped at some time, kept to go back to it.
///
/// A mount keeps one while its inner stack runs. When that stack returns from `next.run`, a layer outside may have
/// rewritten the target, or replaced the request. So a mark also records the number of rewrites and the target's id.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    stripped: usize,
    rewrites: usize,
    target: u64,
}

/// A unique number: each thread counts in a range of its own.
fn new_id() -> u64 {
    static RANGES: AtomicU64 = AtomicU64::new(0);
    thread_local!(static NEXT: Cell<u64> = Cell::new(RANGES.fetch_add(1 << 40, Relaxed)));
    NEXT.with(|next| next.replace(next.get() + 1))
}

/// Replaces the target by its normalized form, and returns the original, or `None` if they are the same.
#[cold]
fn normalize(uri: &mut Uri) -> Option<Box<Uri>> {
    let normalized = normalized(uri)?;
    Some(Box::new(std::mem::replace(uri, normalized)))
}

impl Target {
    #[inline(always)]
    pub(super) fn new(mut uri: Uri) -> Self {
        let encoded = is_encoded(uri.path());
        let original = if encoded { normalize(&mut uri) } else { None };
        Target { uri, original, stripped: 0, rewrites: Vec::new(), id: new_id(), encoded }
    }

    /// Whether the path contains a `%`, so that other code need not search it.
    #[inline]
    pub(super) fn is_encoded(&self) -> bool {
        self.encoded
    }

    pub(super) fn uri(&self) -> &Uri {
        &self.uri
    }

    pub(super) fn original_uri(&self) -> &Uri {
        self.original.as_deref().unwrap_or(&self.uri)
    }

    #[inline]
    pub(super) fn mark(&self) -> Mark {
        Mark { stripped: self.stripped, rewrites: self.rewrites.len(), target: self.id }
    }

    /// Strips what was stripped at a mark, as far as rewrites have kept it; nothing if the mark is another target's.
    pub(super) fn back_to(&mut self, mark: Mark) {
        self.stripped = if mark.target == self.id {
            self.rewrites[mark.rewrites..].iter().copied().fold(mark.stripped, usize::min)
        } else {
            0
        };
    }

    /// Strips `len` more bytes.
    pub(super) fn strip(&mut self, len: usize) {
        self.stripped += len;
    }

    /// How many bytes are stripped.
    pub(super) fn stripped(&self) -> usize {
        self.stripped
    }

    /// Whether a mark is of this target, and not of one that was replaced.
    pub(super) fn knows(&self, mark: Mark) -> bool {
        mark.target == self.id
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

    /// In absolute form if the client sent it so.
    pub(super) fn url(&self) -> Cow<'_, str> {
        match (self.uri.scheme_str(), self.uri.authority()) {
            (Some(scheme), Some(host)) => Cow::Owned(format!("{scheme}://{host}{}", self.rest())),
            _ => self.path_and_query(),
        }
    }

    pub(super) fn path_and_query(&self) -> Cow<'_, str> {
        match self.rest() {
            "" => Cow::Borrowed("/"),
            // As in Connect and Express, a bare query gets a slash in front.
            rest if rest.starts_with('?') => Cow::Owned(format!("/{rest}")),
            rest => Cow::Borrowed(rest),
        }
    }

    /// The part of path and query that is not stripped.
    fn rest(&self) -> &str {
        let full = self.uri.path_and_query().map_or("/", PathAndQuery::as_str);
        full.get(self.stripped..).unwrap_or("")
    }

    pub(super) fn set_url(&mut self, url: &str) -> Result<()> {
        let refuse = |source: Option<http::Error>| {
            let err = Error::msg(format!(
                "cannot rewrite the URL to `{url}`: expected a path that begins with `/`, or an absolute URL"
            ));
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
            // An empty rest got its slash from `path_and_query`, so it is removed again.
            let exact = self.uri.path().len() == self.stripped;
            let rest = match rest.strip_prefix('/') {
                Some(bare) if exact && (bare.is_empty() || bare.starts_with('?')) => bare,
                _ => rest,
            };
            let full = format!("{}{rest}", self.mount_path());
            parts.path_and_query =
                Some(full.parse().map_err(|err: http::uri::InvalidUri| refuse(Some(err.into())))?);
            Uri::from_parts(parts).map_err(|err| refuse(Some(err.into())))?
        };
        let new = normalized(&new).unwrap_or(new);
        self.encoded = is_encoded(new.path());
        let old = std::mem::replace(&mut self.uri, new);
        self.original.get_or_insert_with(|| Box::new(old));
        self.rewrites.push(self.stripped);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::Request;
    use crate::request::Moved;

    fn request(target: &str) -> Request {
        http::Request::builder().uri(target).body("").unwrap().into()
    }

    #[test]
    fn a_mount_strips_the_path_and_puts_it_back() {
        let mut req = request("/blog/post?x=1");
        let outside = req.mark();
        {
            let moved = Moved::into(&mut req, 5);
            assert_eq!(
                (&*moved.req.url(), moved.req.path(), moved.req.mount_path()),
                ("/post?x=1", "/post", "/blog")
            );
            {
                let out = Moved::out(moved.req, outside, false);
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
            Moved::into(&mut req, 5).req.rewrite_url("/changed?q=1").unwrap();
            assert_eq!(req.url(), "/blog/changed?q=1");
            assert_eq!(req.original_uri(), target);
        }
    }

    #[test]
    fn an_encoded_unreserved_character_is_decoded_in_all_but_the_original() {
        let mut req = request("/%62log/%70ost%2F1?x=%70");
        {
            let moved = Moved::into(&mut req, 5);
            assert_eq!((&*moved.req.url(), moved.req.mount_path()), ("/post%2F1?x=%70", "/blog"));
            assert_eq!(moved.req.uri(), "/blog/post%2F1?x=%70");
            moved.req.rewrite_url("/%63hanged%20?y=%70").unwrap();
            assert_eq!(moved.req.url(), "/changed%20?y=%70");
        }
        assert_eq!(req.url(), "/blog/changed%20?y=%70");
        assert_eq!(req.original_uri(), "/%62log/%70ost%2F1?x=%70");
    }

    #[test]
    fn a_rewrite_of_nothing_to_a_slash_leaves_no_slash_behind() {
        for (target, url, after) in [
            ("/blog", "/", "/blog"),
            ("/blog", "/?a", "/blog?a"),
            ("/blog/", "/", "/blog/"),
            ("/blog/x", "/", "/blog/"),
        ] {
            let mut req = request(target);
            Moved::into(&mut req, 5).req.rewrite_url(url).unwrap();
            assert_eq!(req.url(), after, "{target}");
        }
    }

    #[test]
    fn a_rewrite_behind_a_mount_that_comes_back_leaves_no_stale_prefix() {
        let mut req = request("/a/b/c");
        let outside = req.mark();
        {
            let a = Moved::into(&mut req, 2);
            let in_a = a.req.mark();
            {
                let b = Moved::into(a.req, 2);
                Moved::out(b.req, outside, false).req.rewrite_url("/x").unwrap();
                assert_eq!((b.req.path(), b.req.mount_path()), ("/x", ""));
                let x = Moved::into(b.req, 2);
                assert_eq!((x.req.path(), x.req.mount_path()), ("/", "/x"));
                assert_eq!(Moved::out(x.req, in_a, false).req.path(), "/x");
            }
            assert_eq!(a.req.path(), "/x");
        }
        assert_eq!(req.path(), "/x");
    }

    #[test]
    fn a_request_in_the_place_of_another_is_not_stripped_by_its_mounts() {
        let mut req = request("/a/b/c");
        req.rewrite_url("/a/b/c").unwrap();
        {
            let a = Moved::into(&mut req, 2);
            {
                let b = Moved::into(a.req, 2);
                *b.req = request("/other");
                assert_eq!((b.req.path(), b.req.mount_path()), ("/other", ""));
            }
            assert_eq!((a.req.path(), a.req.mount_path()), ("/other", ""));
        }
        assert_eq!((req.path(), req.mount_path()), ("/other", ""));
    }

    #[test]
    fn an_invalid_url_is_refused() {
        let mut req = request("/a");
        for url in ["", "b", "b/c", "/a b", "mailto:x", "?q"] {
            assert!(req.rewrite_url(url).is_err(), "{url}");
        }
        assert_eq!(req.url(), "/a");
        for url in ["/", "*", "/b?c", "http://e.com/x"] {
            req.rewrite_url(url).unwrap();
            assert_eq!(req.url(), url);
        }
        assert_eq!(req.original_uri(), "/a");
    }
}
