//! The link of a stack inside a stack: a mounted list, a router, another app.
//!
//! The inner stack is entered through one box and left through one: each is a typed cut, and the place where the
//! path is stripped and, whatever happens to the future, put back.

use std::marker::PhantomData;

use super::deferred::{Deferred, Go};
use super::done::{Detour, Done};
use super::outlined::Outlined;
use super::tree::Tree;
use super::{After, Chain, Rest, sealed};
use crate::request::{Mark, Moved};
use crate::{Request, Response};

/// Whose error handlers and whose `next.router()` count inside a mounted stack.
pub trait Scope: Send + Sync + 'static {
    /// Whether the stack is a scope of its own, as routers and apps are.
    const OWN: bool;
    /// What the printed stack calls it where it has no path.
    const NAME: &'static str;
}

/// `"/path" => [a, b]` and stacks: as if the layers stood in the parent, each under the path.
#[derive(Debug)]
pub struct Transparent;

/// Routers: the parent's errors do not come in, and `next.router()` ends here.
#[derive(Debug)]
pub struct Own;

/// An app: the same under another name.
#[derive(Debug)]
pub struct Application;

impl Scope for Application {
    const OWN: bool = true;
    const NAME: &'static str = "app";
}

impl Scope for Transparent {
    const OWN: bool = false;
    const NAME: &'static str = "stack";
}

impl Scope for Own {
    const OWN: bool = true;
    const NAME: &'static str = "router";
}

/// A path prefix, as a mount compares it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Prefix(&'static str);

impl Prefix {
    /// The prefix that matches every path and strips nothing.
    pub(crate) const ANY: Prefix = Prefix("");

    /// `path` is literal text; slashes at its end do not count (row 85).
    pub(crate) fn new(path: &'static str) -> Self {
        Prefix(path.trim_end_matches('/'))
    }

    /// How much of `path` the prefix covers, if it matches: compared byte by byte without regard to ASCII case,
    /// on the path as the client encoded it, up to a `/` or the end (rows 84 to 93).
    pub(crate) fn covers(self, path: &str) -> Option<usize> {
        let len = self.0.len();
        let head = path.as_bytes().get(..len)?;
        let ends = matches!(path.as_bytes().get(len), None | Some(b'/'));
        (len == 0 || (ends && head.eq_ignore_ascii_case(self.0.as_bytes()))).then_some(len)
    }
}

/// A stack inside a stack, and what follows it.
#[derive(Debug)]
pub struct Mount<C, S, R> {
    pub(crate) prefix: Prefix,
    pub(crate) inner: C,
    pub(crate) scope: PhantomData<S>,
    pub(crate) rest: R,
}

/// The way out of a mounted stack: its inner chain's tail.
#[derive(Debug)]
pub(crate) struct Leave<'a, S, R, T> {
    after: After<'a, R, T>,
    scope: PhantomData<S>,
    /// How much of the path was stripped outside.
    outside: Mark,
}

impl<S, R, T: Copy> Clone for Leave<'_, S, R, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S, R, T: Copy> Copy for Leave<'_, S, R, T> {}

impl<S, R, T> sealed::Sealed for Leave<'_, S, R, T> {}

impl<S: Scope, R: Chain, T: Rest> Rest for Leave<'_, S, R, T> {
    // A typed cut: the inner stack's depth and that of what follows are counted apart.
    fn run(self, req: &mut Request, res: &mut Response) -> impl Future<Output = Done> + Send {
        Box::pin(async move {
            let moved = Moved::out(req, self.outside);
            self.after.run(moved.req, res).await
        })
    }

    fn detour(
        self,
        why: Detour,
        req: &mut Request,
        res: &mut Response,
    ) -> impl Future<Output = Done> + Send + Unpin {
        Box::pin(async move {
            let moved = Moved::out(req, self.outside);
            match why {
                Detour::Leave if S::OWN => self.after.run(moved.req, res).await,
                why => self.after.detour(why, moved.req, res).await,
            }
        })
    }
}

impl<C: Chain, S: Scope, R: Chain> Mount<C, S, R> {
    fn leave<T>(&self, req: &Request, tail: T) -> Leave<'_, S, R, T> {
        Leave { after: After { rest: &self.rest, tail }, scope: self.scope, outside: req.mark() }
    }
}

impl<C: Chain, S: Scope, R: Chain> Chain for Mount<C, S, R> {
    #[inline]
    fn run<T: Rest>(
        &self,
        req: &mut Request,
        res: &mut Response,
        tail: T,
    ) -> impl Future<Output = Done> + Send {
        Deferred::new(move || match self.prefix.covers(req.path()) {
            None => Go::Inline(self.rest.run(req, res, tail)),
            // A typed cut, and the future that holds the guard of the path.
            Some(len) => Go::Boxed(Outlined(Box::pin(async move {
                let leave = self.leave(req, tail);
                let moved = Moved::into(req, len);
                self.inner.run(moved.req, res, leave).await
            }))),
        })
    }

    fn detour<T: Rest>(
        &self,
        why: Detour,
        req: &mut Request,
        res: &mut Response,
        tail: T,
    ) -> impl Future<Output = Done> + Send + Unpin {
        Box::pin(async move {
            let covered = match why {
                Detour::Error(_) if !S::OWN => self.prefix.covers(req.path()),
                _ => None,
            };
            match covered {
                None => self.rest.detour(why, req, res, tail).await,
                Some(len) => {
                    let leave = self.leave(req, tail);
                    let moved = Moved::into(req, len);
                    self.inner.detour(why, moved.req, res, leave).await
                }
            }
        })
    }

    fn describe(&self, tree: &mut Tree<'_>) {
        let name = match self.prefix.0 {
            "" => S::NAME,
            path => path,
        };
        tree.branch(name, |tree| self.inner.describe(tree));
        self.rest.describe(tree);
    }
}

/// A stack that is there or not, decided when the app is built.
impl<C: Chain> Chain for Option<C> {
    fn run<T: Rest>(
        &self,
        req: &mut Request,
        res: &mut Response,
        tail: T,
    ) -> impl Future<Output = Done> + Send {
        async move {
            match self {
                Some(chain) => chain.run(req, res, tail).await,
                None => tail.run(req, res).await,
            }
        }
    }

    fn detour<T: Rest>(
        &self,
        why: Detour,
        req: &mut Request,
        res: &mut Response,
        tail: T,
    ) -> impl Future<Output = Done> + Send + Unpin {
        Box::pin(async move {
            match self {
                Some(chain) => chain.detour(why, req, res, tail).await,
                None => tail.detour(why, req, res).await,
            }
        })
    }

    fn describe(&self, tree: &mut Tree<'_>) {
        match self {
            Some(chain) => chain.describe(tree),
            None => tree.leaf("(none)"),
        }
    }
}

/// One chain used in several places.
impl<C: Chain> Chain for std::sync::Arc<C> {
    #[inline]
    fn run<T: Rest>(
        &self,
        req: &mut Request,
        res: &mut Response,
        tail: T,
    ) -> impl Future<Output = Done> + Send {
        (**self).run(req, res, tail)
    }

    fn detour<T: Rest>(
        &self,
        why: Detour,
        req: &mut Request,
        res: &mut Response,
        tail: T,
    ) -> impl Future<Output = Done> + Send + Unpin {
        (**self).detour(why, req, res, tail)
    }

    fn describe(&self, tree: &mut Tree<'_>) {
        (**self).describe(tree);
    }
}

#[cfg(test)]
mod tests {
    use super::Prefix;

    #[test]
    fn a_prefix_ends_at_a_slash_or_at_the_end() {
        for (prefix, path, expected) in [
            ("/blog", "/blog", Some(5)),
            ("/blog", "/blog/", Some(5)),
            ("/blog", "/BLog/Post", Some(5)),
            ("/blog/", "/blog/post", Some(5)),
            ("/blog//", "/blog/post", Some(5)),
            ("/blog", "/blog//x", Some(5)),
            ("/blog", "/blog-o-rama", None),
            ("/blog", "/blog.json", None),
            ("/blog", "/blog;x=1", None),
            ("/blog", "//blog/x", None),
            ("/blog", "/blo", None),
            ("/a b", "/a%20b", None),
            ("/", "/blog", Some(0)),
            ("/", "*", Some(0)),
            ("/foo", "*", None),
            ("/a", "/\u{e4}", None),
        ] {
            assert_eq!(Prefix::new(prefix).covers(path), expected, "{prefix} on {path}");
        }
        assert_eq!(Prefix::ANY.covers("/x"), Some(0));
    }
}
