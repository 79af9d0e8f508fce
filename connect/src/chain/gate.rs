//! The chain that `guard!` makes: routes behind a guard, which runs when one of them matches.

use std::fmt;
use std::pin::Pin;

use super::boxed::Outlined;
use super::boxed::boxed;
use super::deferred::{Continue, Deferred};
use super::done::{Detour, Done};
use super::list::{OneThen, then};
use super::{Chain, Ignores, Rest};
use crate::tree::Tree;
use crate::{Request, Response, codegen};

/// A guard, and routes. The routes find the request a second time behind the guard: what it rewrites counts. Errors of the guard
/// go past the routes, and those of routes to the handlers among them.
pub struct Gate<G: Chain, R: Chain> {
    all: OneThen<G, BoxedRoutes<R>>,
}

impl<G: Chain, R: Chain> fmt::Debug for Gate<G, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gate").finish_non_exhaustive()
    }
}

impl<G: Chain, R: Chain> Gate<G, R> {
    pub(crate) fn new(guard: G, routes: R) -> Self {
        Gate { all: then(guard, BoxedRoutes(routes)) }
    }
}

impl<G: Chain, R: Chain> Chain for Gate<G, R> {
    type OnError = <OneThen<G, BoxedRoutes<R>> as Chain>::OnError;

    fn run<T: Rest>(
        &self,
        req: &mut Request,
        res: &mut Response,
        tail: T,
    ) -> impl Future<Output = Done> + Send {
        Deferred::new(move || {
            let routes = self.all.second();
            if routes.answers(req) {
                Continue::Inline(self.all.run(req, res, tail))
            } else {
                // Nothing in there runs. The routes note their methods, for `OPTIONS` and 405, and report a malformed path.
                Continue::Boxed(routes.in_box(req, res, tail))
            }
        })
    }

    fn detour<T: Rest>(
        &self,
        why: Detour,
        req: &mut Request,
        res: &mut Response,
        tail: T,
    ) -> impl Future<Output = Done> + Send + Unpin {
        self.all.detour(why, req, res, tail)
    }

    fn answers(&self, req: &mut Request) -> bool {
        self.all.second().answers(req)
    }

    fn describe(&self, tree: &mut Tree<'_>) {
        self.all.describe(tree);
    }

    fn collect<T: Rest>() {
        <OneThen<G, BoxedRoutes<R>> as Chain>::collect::<T>();
    }
}

/// The routes, in a box of their own: a typed cut, so that their depth and that of the guard are counted apart, and the same future
/// with the guard and without.
#[derive(Debug)]
pub struct BoxedRoutes<R>(R);

impl<R: Chain> BoxedRoutes<R> {
    #[inline]
    fn in_box<T: Rest>(
        &self,
        req: &mut Request,
        res: &mut Response,
        tail: T,
    ) -> Outlined<Pin<Box<impl Future<Output = Done> + Send>>> {
        boxed(move || self.0.run(req, res, tail))
    }
}

impl<R: Chain> Chain for BoxedRoutes<R> {
    // Those of the guard, which would come to the routes without it.
    type OnError = Ignores;

    #[inline]
    fn run<T: Rest>(
        &self,
        req: &mut Request,
        res: &mut Response,
        tail: T,
    ) -> impl Future<Output = Done> + Send {
        self.in_box(req, res, tail)
    }

    fn answers(&self, req: &mut Request) -> bool {
        self.0.answers(req)
    }

    fn describe(&self, tree: &mut Tree<'_>) {
        self.0.describe(tree);
    }

    #[inline]
    fn collect<T: Rest>() {
        codegen::normal::<T>();
        R::collect::<T>();
    }
}
