//! The chain that `guard!` makes: routes behind a guard, which runs when one of them matches.

use std::fmt;

use super::cut::apart;
use super::deferred::{Deferred, Go};
use super::done::{Detour, Done};
use super::list::{OneThen, Takes, then};
use super::mount::Scope;
use super::tree::Tree;
use super::{Chain, Rest};
use crate::{Request, Response};

/// A list, whose layers count as the parent's, behind a guard.
#[derive(Debug)]
pub struct Behind;

impl Scope for Behind {
    const OWN: bool = false;
    const NAME: &'static str = "guard";
    type OnError = Takes;
}

/// A guard, and routes. The routes find the request a second time behind the guard: what it rewrites counts.
pub struct Gate<G: Chain, R: Chain> {
    all: OneThen<G, R>,
}

impl<G: Chain, R: Chain> fmt::Debug for Gate<G, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gate").finish_non_exhaustive()
    }
}

impl<G: Chain, R: Chain> Gate<G, R> {
    pub(crate) fn new(guard: G, routes: R) -> Self {
        Gate { all: then(guard, routes) }
    }
}

impl<G: Chain, R: Chain> Chain for Gate<G, R> {
    type OnError = <OneThen<G, R> as Chain>::OnError;

    fn run<T: Rest>(
        &self,
        req: &mut Request,
        res: &mut Response,
        tail: T,
    ) -> impl Future<Output = Done> + Send {
        Deferred::new(move || {
            let routes = self.all.second();
            if routes.answers(req) {
                Go::Inline(self.all.run(req, res, tail))
            } else {
                // For the methods that they allow, and for a path that is malformed.
                Go::Boxed(apart(move || routes.run(req, res, tail)))
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
        super::collect::normal::<T>();
        R::collect::<T>();
        <OneThen<G, R> as Chain>::collect::<T>();
    }
}
