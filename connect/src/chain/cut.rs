//! The links that keep futures and types from nesting too deep: [`Cut`] and [`Hold`]. [`depth`](crate::stack::depth) says where
//! they stand.

use super::boxed::boxed;
use super::done::Done;
use super::{Chain, IgnoresInBox, Rest};
use crate::tree::Tree;
use crate::{Request, Response, codegen};

/// A typed cut: what follows runs in a box of its own. There is no `dyn` in it.
#[derive(Debug)]
pub struct Cut;

/// A coroutine around what follows.
#[derive(Debug)]
pub struct Hold;

impl Chain for Cut {
    type OnError = IgnoresInBox;

    #[inline]
    fn run<T: Rest>(
        &self,
        req: &mut Request,
        res: &mut Response,
        tail: T,
    ) -> impl Future<Output = Done> + Send {
        boxed(|| tail.run(req, res))
    }

    fn answers(&self, _: &mut Request) -> bool {
        false
    }

    fn describe(&self, _: &mut Tree<'_>) {}

    #[inline]
    fn collect<T: Rest>() {
        codegen::normal::<T>();
    }
}

impl Chain for Hold {
    type OnError = IgnoresInBox;

    #[inline]
    fn run<T: Rest>(
        &self,
        req: &mut Request,
        res: &mut Response,
        tail: T,
    ) -> impl Future<Output = Done> + Send {
        async move { tail.run(req, res).await }
    }

    fn answers(&self, _: &mut Request) -> bool {
        false
    }

    fn describe(&self, _: &mut Tree<'_>) {}
}
