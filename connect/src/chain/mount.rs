//! The link of a stack inside a stack: a mounted list, a router, another app.
//!
//! The inner stack is entered through one box and left through one: each is a typed cut, and the place where the
//! path is stripped and, whatever happens to the future, put back.

use std::borrow::Cow;
use std::marker::PhantomData;

use super::boxed::boxed;
use super::deferred::{Continue, Deferred};
use super::done::{Detour, Done};
use super::{Chain, Ignores, OnError, Rest, Takes, rest_is_copy};
use crate::codegen;
use crate::request::{Mark, Moved};
use crate::route::matcher::{Mode, matches};
use crate::route::method_not_allowed::answer_options;
use crate::route::param::ParamError;
use crate::route::pattern::{Options, Pattern};
use crate::tree::Tree;
use crate::{Request, Response};

/// Whose error handlers and whose `next.router()` count inside a mounted stack.
pub trait Scope: Send + Sync + 'static {
    /// Whether the stack is a scope of its own, as routers and apps are.
    const OWN: bool;
    /// What the printed stack calls it where it has no path.
    const NAME: &'static str;
    /// Whether the errors of the layers above come in.
    type OnError: OnError;
}

/// Kinds of [`Scope`].
macro_rules! scopes {
    ($($(#[$doc:meta])* $scope:ident: $own:literal, $name:literal, $on_error:ident;)*) => { $(
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $scope;

        impl Scope for $scope {
            const OWN: bool = $own;
            const NAME: &'static str = $name;
            type OnError = $on_error;
        }
    )* };
}
scopes! {
    /// `"/path" => [a, b]` and stacks: as if the layers stood in the parent, each under the path.
    StackScope: false, "stack", Takes;
    /// Routers: the parent's errors do not come in, and `next.router()` ends here.
    RouterScope: true, "router", Ignores;
    /// An app: the same under another name.
    AppScope: true, "app", Ignores;
    /// A list behind a guard. No error comes in from outside: a handler in there could bring the request back to the normal
    /// track, past the guard.
    GuardScope: false, "guard", Ignores;
}

/// A path prefix, as a mount compares it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Prefix {
    /// None matches every path and strips nothing.
    pattern: Option<&'static Pattern>,
    options: Options,
    merge_params: bool,
}

impl Prefix {
    /// The prefix that matches every path and strips nothing.
    pub(crate) const ANY: Prefix = Prefix {
        pattern: None,
        options: Options { strict: false, case_sensitive: false },
        merge_params: false,
    };

    pub(crate) fn new(pattern: &'static Pattern, options: Options) -> Self {
        Prefix { pattern: Some(pattern), options, merge_params: false }
    }

    pub(crate) fn merging(self, merge_params: bool) -> Self {
        Prefix { merge_params, ..self }
    }

    /// Takes the request in, if the prefix matches: compared byte by byte, by default without regard to ASCII
    /// case, on the normalized path, up to a `/` or the end (rows 84 to 93).
    fn enter<S: Scope>(self, req: &mut Request) -> Entered<'_> {
        let mut moved = match self.pattern {
            None => Moved::here(req),
            Some(pattern) => {
                let Some(matched) = matches(pattern, req.path(), Mode::Prefix, self.options) else {
                    return Entered::Not(req);
                };
                let mut len = matched.len;
                // A slash at the very end is left for the layers inside.
                if req.path().as_bytes().get(..len).is_some_and(|head| head.ends_with(b"/")) {
                    len -= 1;
                }
                let before = req.mark();
                if let Err(err) = req.add_mount(pattern, &matched) {
                    drop(Moved::since(before, req));
                    return Entered::Failed(req, err);
                }
                Moved::since(before, req).deeper(len)
            }
        };
        if S::OWN {
            moved.enter_scope(self.merge_params);
        }
        Entered::In(moved)
    }
}

enum Entered<'a> {
    In(Moved<'a>),
    /// It matches, but a parameter cannot be decoded.
    Failed(&'a mut Request, ParamError),
    Not(&'a mut Request),
}

/// A stack inside a stack.
#[derive(Debug)]
pub struct Mount<C, S> {
    pub(crate) prefix: Prefix,
    pub(crate) inner: C,
    pub(crate) scope: PhantomData<S>,
}

/// The way out of a mounted stack: its inner chain's tail.
#[derive(Debug)]
pub(crate) struct AfterMount<S, R> {
    after: R,
    scope: PhantomData<S>,
    /// How much of the path was stripped outside.
    outside: Mark,
}

rest_is_copy!([S, R] AfterMount<S, R>, R);

impl<S: Scope, R: Rest> Rest for AfterMount<S, R> {
    #[inline]
    fn in_route(self) -> bool {
        !S::OWN && self.after.in_route()
    }

    // A typed cut: the inner stack's depth and that of what follows are counted apart.
    fn run(self, req: &mut Request, res: &mut Response) -> impl Future<Output = Done> + Send {
        Box::pin(async move {
            if S::OWN
                && let Some(done) = answer_options(req, res)
            {
                return done;
            }
            let moved = Moved::out(req, self.outside, S::OWN);
            self.after.run(moved.req, res).await
        })
    }

    fn detour(
        self,
        why: Detour,
        req: &mut Request,
        res: &mut Response,
    ) -> impl Future<Output = Done> + Send + Unpin {
        // In a box as every detour is: see `Chain::detour`.
        Box::pin(async move {
            let leaves = S::OWN && matches!(why, Detour::Leave);
            if leaves && let Some(done) = answer_options(req, res) {
                return done;
            }
            let moved = Moved::out(req, self.outside, S::OWN);
            if leaves {
                self.after.run(moved.req, res).await
            } else {
                self.after.detour(why, moved.req, res).await
            }
        })
    }
}

impl<S, R> AfterMount<S, R> {
    fn new(req: &Request, after: R) -> Self {
        AfterMount { after, scope: PhantomData, outside: req.mark() }
    }
}

impl<C: Chain, S: Scope> Chain for Mount<C, S> {
    type OnError = S::OnError;

    #[inline]
    fn run<T: Rest>(
        &self,
        req: &mut Request,
        res: &mut Response,
        tail: T,
    ) -> impl Future<Output = Done> + Send {
        Deferred::new(move || {
            let after = AfterMount::<S, _>::new(req, tail);
            let entered = match self.prefix.enter::<S>(req) {
                Entered::In(moved) => Ok(moved),
                Entered::Failed(req, err) => Err((req, err)),
                Entered::Not(req) => return Continue::Inline(tail.run(req, res)),
            };
            // A typed cut, and the future that holds the guard of the path.
            Continue::Boxed(boxed(move || async move {
                match entered {
                    Ok(moved) => self.inner.run(moved.req, res, after).await,
                    Err((req, err)) => tail.detour(Detour::Error(err.into()), req, res).await,
                }
            }))
        })
    }

    fn detour<T: Rest>(
        &self,
        why: Detour,
        req: &mut Request,
        res: &mut Response,
        tail: T,
    ) -> impl Future<Output = Done> + Send + Unpin {
        // As with every layer that may take an error.
        Box::pin(async move {
            if S::OWN || !matches!(why, Detour::Error(_)) {
                return tail.detour(why, req, res).await;
            }
            let after = AfterMount::<S, _>::new(req, tail);
            match self.prefix.enter::<S>(req) {
                Entered::In(moved) => self.inner.detour(why, moved.req, res, after).await,
                // Row 165: the newer error counts.
                Entered::Failed(req, err) => tail.detour(Detour::Error(err.into()), req, res).await,
                Entered::Not(req) => tail.detour(why, req, res).await,
            }
        })
    }

    fn answers(&self, req: &mut Request) -> bool {
        match self.prefix.enter::<S>(req) {
            Entered::In(moved) => self.inner.answers(moved.req),
            Entered::Failed(..) | Entered::Not(_) => false,
        }
    }

    fn describe(&self, tree: &mut Tree<'_>) {
        let name = match self.prefix.pattern {
            None => Cow::Borrowed(S::NAME),
            Some(pattern) if S::NAME == GuardScope::NAME => {
                Cow::Owned(format!("{} {}", pattern.text, S::NAME))
            }
            Some(pattern) => Cow::Borrowed(pattern.text),
        };
        tree.branch(&name, self.prefix.pattern, |tree| self.inner.describe(tree));
    }

    #[inline]
    fn collect<T: Rest>() {
        codegen::normal::<T>();
        codegen::detour::<T>();
        C::collect::<AfterMount<S, T>>();
    }
}
