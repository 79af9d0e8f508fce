//! A stack, and what follows one, without their types: for [`debug`](super::debug), and for an app that is boxed.

use std::fmt;

use super::{Erased, erased};
use crate::chain::done::{Detour, Done};
use crate::chain::{Chain, OnError, Rest, Takes, sealed};
use crate::tree::Tree;
use crate::{Request, Response, codegen};

/// Puts a stack in a box, and forgets its type.
pub(crate) fn erase_stack<C: Chain>(stack: C) -> BoxedChain {
    codegen::named::<C, ErasedRest<'static>>();
    // Once for an app or a mounted stack, not for a request.
    BoxedChain(Box::new(stack))
}

/// The stack of a [`BoxedApp`](crate::BoxedApp).
#[derive(Debug)]
pub struct BoxedChain(Box<dyn AnyStack>);

/// What follows a part of a list, without its type.
#[derive(Clone, Copy)]
pub(crate) struct ErasedRest<'a>(pub(super) &'a dyn AnyRest);

/// A [`Rest`] without its type.
pub(crate) trait AnyRest: Send + Sync {
    fn in_route(&self) -> bool;
    fn run<'a>(&'a self, req: &'a mut Request, res: &'a mut Response) -> Erased<'a, Done>;
    fn detour<'a>(&'a self, why: Detour, req: &'a mut Request, res: &'a mut Response) -> Erased<'a, Done>;
}

impl<R: Rest> AnyRest for R {
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

impl sealed::Sealed for ErasedRest<'_> {}

impl Rest for ErasedRest<'_> {
    fn in_route(self) -> bool {
        self.0.in_route()
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
        // As every detour is: see `Chain::detour`.
        Box::pin(async move { self.0.detour(why, req, res).await })
    }
}

/// A stack without its type.
trait AnyStack: Send + Sync {
    fn run<'a>(
        &'a self,
        req: &'a mut Request,
        res: &'a mut Response,
        rest: ErasedRest<'a>,
    ) -> Erased<'a, Done>;
    fn detour<'a>(
        &'a self,
        why: Detour,
        req: &'a mut Request,
        res: &'a mut Response,
        rest: ErasedRest<'a>,
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
    fn run<'a>(
        &'a self,
        req: &'a mut Request,
        res: &'a mut Response,
        rest: ErasedRest<'a>,
    ) -> Erased<'a, Done> {
        erased(|| Chain::run(self, req, res, rest))
    }

    fn detour<'a>(
        &'a self,
        why: Detour,
        req: &'a mut Request,
        res: &'a mut Response,
        rest: ErasedRest<'a>,
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

impl Chain for BoxedChain {
    type OnError = Takes;

    fn run<T: Rest>(
        &self,
        req: &mut Request,
        res: &mut Response,
        tail: T,
    ) -> impl Future<Output = Done> + Send {
        async move { self.0.run(req, res, ErasedRest(&tail)).await }
    }

    fn detour<T: Rest>(
        &self,
        why: Detour,
        req: &mut Request,
        res: &mut Response,
        tail: T,
    ) -> impl Future<Output = Done> + Send + Unpin {
        // As every detour is: see `Chain::detour`.
        Box::pin(async move { self.0.detour(why, req, res, ErasedRest(&tail)).await })
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
        codegen::detour::<T>();
    }
}
