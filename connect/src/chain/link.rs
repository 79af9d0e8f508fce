//! The links of layers that wait: [`Link`] for one that may act on either track, [`Catch`] for an error handler.

use super::caught::Caught;
use super::done::{Detour, Done, Outcome, Signal};
use super::layer::Layer;
use super::next::{Next, Resume};
use super::outlined::Cold;
use super::tree::Tree;
use super::{After, Chain, Rest};
use crate::error::Panic;
use crate::{Request, Response, Result};

/// A layer, and what follows it.
#[derive(Debug)]
pub struct Link<L, C> {
    pub(crate) layer: L,
    pub(crate) rest: C,
}

#[cold]
pub(super) fn panicked(panic: Panic) -> Result {
    Err(panic.into())
}

/// What both links do with a layer's answer, in a coroutine: the rest inline, the detour in the box that it is.
macro_rules! follow {
    ($signal:expr, $rest:expr, $req:ident, $res:ident, $tail:ident) => {
        match $signal {
            Signal::On => $rest.run($req, $res, $tail).await,
            Signal::Off(why) => Cold($rest.detour(why, $req, $res, $tail)).await,
            Signal::End(done) => done,
        }
    };
}
pub(super) use follow;

impl<L: Layer, C: Chain> Chain for Link<L, C> {
    #[inline]
    fn run<T: Rest>(
        &self,
        req: &mut Request,
        res: &mut Response,
        tail: T,
    ) -> impl Future<Output = Done> + Send {
        async move {
            let result = {
                let (req, res) = (&mut *req, &mut *res);
                let next = Next::new(After { rest: &self.rest, tail });
                Caught::new(self.layer.run(req, res, next)).await.unwrap_or_else(panicked)
            };
            follow!(
                Signal::from_result(result, req, res, Outcome::Layer, T::IN_ROUTE),
                self.rest,
                req,
                res,
                tail
            )
        }
    }

    fn detour<T: Rest>(
        &self,
        why: Detour,
        req: &mut Request,
        res: &mut Response,
        tail: T,
    ) -> impl Future<Output = Done> + Send + Unpin {
        recover(&self.layer, &self.rest, why, req, res, tail)
    }

    fn describe(&self, tree: &mut Tree<'_>) {
        tree.leaf(self.layer.name());
        self.rest.describe(tree);
    }
}

/// An error handler, and what follows it. On the normal track it is not there at all.
#[derive(Debug)]
pub struct Catch<L, C> {
    pub(crate) layer: L,
    pub(crate) rest: C,
}

impl<L: Layer, C: Chain> Chain for Catch<L, C> {
    #[inline]
    fn run<T: Rest>(
        &self,
        req: &mut Request,
        res: &mut Response,
        tail: T,
    ) -> impl Future<Output = Done> + Send {
        self.rest.run(req, res, tail)
    }

    fn detour<T: Rest>(
        &self,
        why: Detour,
        req: &mut Request,
        res: &mut Response,
        tail: T,
    ) -> impl Future<Output = Done> + Send + Unpin {
        recover(&self.layer, &self.rest, why, req, res, tail)
    }

    fn describe(&self, tree: &mut Tree<'_>) {
        tree.leaf(self.layer.name());
        self.rest.describe(tree);
    }
}

/// The error track at a layer. Boxed, also where the layer only lets the error go by: it is the cold way, and
/// the box ends the nesting.
fn recover<L: Layer, C: Chain, T: Rest>(
    layer: &L,
    rest: &C,
    why: Detour,
    req: &mut Request,
    res: &mut Response,
    tail: T,
) -> impl Future<Output = Done> + Send + Unpin {
    Box::pin(async move {
        let signal = match why {
            Detour::Error(err) => {
                let (req, res) = (&mut *req, &mut *res);
                let result = Caught::new(layer.recover(err, &mut *req, &mut *res, Resume::new()))
                    .await
                    .unwrap_or_else(panicked);
                Signal::from_result(result, req, res, Outcome::ErrorHandler, T::IN_ROUTE)
            }
            other => Signal::Off(other),
        };
        follow!(signal, rest, req, res, tail)
    })
}
