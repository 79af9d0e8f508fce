//! A stack, and what follows one, without their types: for [`held`](super::held) in debug builds, and for an app that is
//! boxed.

use std::fmt;

use super::collect;
use super::done::{Detour, Done};
use super::erased::{Erased, erased};
use super::tree::Tree;
use super::{Chain, OnError, Rest, Takes, sealed};
use crate::{Request, Response};

/// Puts a stack in a box, and forgets its type.
pub(crate) fn kept<C: Chain>(stack: C) -> Box<dyn AnyStack> {
    collect::named::<C, Hidden<'static>>();
    Box::new(stack)
}

/// What follows a part of a list, without its type.
#[derive(Clone, Copy)]
#[allow(missing_debug_implementations, reason = "nobody outside of the chain has one")]
pub struct Hidden<'a>(pub(super) &'a dyn Follows);

/// See [`Hidden`].
pub(crate) trait Follows: Send + Sync {
    fn in_route(&self) -> bool;
    fn run<'a>(&'a self, req: &'a mut Request, res: &'a mut Response) -> Erased<'a, Done>;
    fn detour<'a>(&'a self, why: Detour, req: &'a mut Request, res: &'a mut Response) -> Erased<'a, Done>;
}

impl<R: Rest> Follows for R {
    fn in_route(&self) -> bool {
        Rest::in_route(*self)
    }

    fn run<'a>(&'a self, req: &'a mut Request, res: &'a mut Response) -> Erased<'a, Done> {
        erased(|| Rest::run(*self, req, res))
    }

    fn detour<'a>(&'a self, why: Detour, req: &'a mut Request, res: &'a mut Response) -> Erased<'a, Done> {
        erased(|| Rest::detour(*self, why, req, res))
    }
}

impl sealed::Sealed for Hidden<'_> {}

impl Rest for Hidden<'_> {
    fn in_route(self) -> bool {
        self.0.in_route()
    }

    type InPlace = Self;
    fn in_place(self) -> Self {
        self
    }

    fn run(self, req: &mut Request, res: &mut Response) -> impl Future<Output = Done> + Send {
        async move { self.0.run(req, res).await }
    }

    fn detour(
        self,
        why: Detour,
        req: &mut Request,
        res: &mut Response,
    ) -> impl Future<Output = Done> + Send + Unpin {
        // Boxed as every detour is: see `Chain::detour`. So are the others here.
        Box::pin(async move { self.0.detour(why, req, res).await })
    }
}

/// A stack without its type.
pub trait AnyStack: Send + Sync {
    fn run<'a>(&'a self, req: &'a mut Request, res: &'a mut Response, rest: Hidden<'a>) -> Erased<'a, Done>;
    fn detour<'a>(
        &'a self,
        why: Detour,
        req: &'a mut Request,
        res: &'a mut Response,
        rest: Hidden<'a>,
    ) -> Erased<'a, Done>;
    fn answers(&self, req: &mut Request) -> bool;
    fn describe(&self, tree: &mut Tree<'_>);
}

impl fmt::Debug for dyn AnyStack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Stack")
    }
}

impl<C: Chain> AnyStack for C {
    fn run<'a>(&'a self, req: &'a mut Request, res: &'a mut Response, rest: Hidden<'a>) -> Erased<'a, Done> {
        erased(|| Chain::run(self, req, res, rest))
    }

    fn detour<'a>(
        &'a self,
        why: Detour,
        req: &'a mut Request,
        res: &'a mut Response,
        rest: Hidden<'a>,
    ) -> Erased<'a, Done> {
        erased(|| C::OnError::detour(self, why, req, res, rest))
    }

    fn answers(&self, req: &mut Request) -> bool {
        Chain::answers(self, req)
    }

    fn describe(&self, tree: &mut Tree<'_>) {
        Chain::describe(self, tree);
    }
}

impl Chain for Box<dyn AnyStack> {
    type OnError = Takes;

    fn run<T: Rest>(
        &self,
        req: &mut Request,
        res: &mut Response,
        tail: T,
    ) -> impl Future<Output = Done> + Send {
        async move { (**self).run(req, res, Hidden(&tail)).await }
    }

    fn detour<T: Rest>(
        &self,
        why: Detour,
        req: &mut Request,
        res: &mut Response,
        tail: T,
    ) -> impl Future<Output = Done> + Send + Unpin {
        Box::pin(async move { (**self).detour(why, req, res, Hidden(&tail)).await })
    }

    fn answers(&self, req: &mut Request) -> bool {
        (**self).answers(req)
    }

    fn describe(&self, tree: &mut Tree<'_>) {
        (**self).describe(tree);
    }

    #[inline]
    fn collect<T: Rest>() {
        collect::normal::<T>();
        collect::detour::<T>();
    }
}
