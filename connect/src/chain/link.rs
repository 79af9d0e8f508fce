//! The links of layers that wait: [`Link`] for one on the normal track, [`Catch`] for an error handler, and [`Both`] for
//! a hand-written layer, which may act on either.

use super::boxed::Cold;
use super::caught::Caught;
use super::done::{Detour, Done, Outcome};
use super::layer::{Attribute, Layer};
use super::next::{ErrorHandler, Next};
use super::resume::Resume;
use super::signal::{Named, Of, Signal, promised, resumed};
use super::{Chain, Ignores, Rest, Takes};
use crate::check::{LayerInfo, Part};
use crate::codegen;
use crate::error::Panic;
use crate::tree::Tree;
use crate::{Request, Response, Result};

/// A layer of the normal track. On the error track it is not there at all.
#[derive(Debug)]
pub struct Link<L>(pub(crate) L);

/// An error handler. On the normal track it is not there at all.
#[derive(Debug)]
pub struct Catch<L>(pub(crate) L);

/// A layer that may act on either track.
#[derive(Debug)]
pub struct Both<L>(pub(crate) L);

#[cold]
pub(super) fn panicked(panic: Panic) -> Result {
    Err(panic.into())
}

/// What links do with a layer's answer, in a coroutine: what follows inline, the detour in the box that it is.
macro_rules! follow {
    ($signal:expr, $tail:ident, $req:ident, $res:ident) => {
        match $signal {
            Signal::On => $tail.run($req, $res).await,
            Signal::Off(why) => Cold($tail.detour(why, $req, $res)).await,
            Signal::End(done) => done,
        }
    };
}
pub(super) use follow;

/// A layer that may act on the normal track.
macro_rules! acts {
    () => {
        #[inline]
        fn run<T: Rest>(
            &self,
            req: &mut Request,
            res: &mut Response,
            tail: T,
        ) -> impl Future<Output = Done> + Send {
            async move {
                let result = {
                    let next = Next::new(tail);
                    let run = self.0.run(&mut *req, &mut *res, next);
                    Caught::new(run).await.unwrap_or_else(panicked)
                };
                let result = promised(result, &L::INFO, tail.in_route());
                let signal =
                    Signal::from_result(result, req, res, Outcome::Layer, tail.in_route(), Of::Layer(self));
                follow!(signal, tail, req, res)
            }
        }
    };
}

/// A layer that may act on the error track. Boxed, since it is the cold way, and the box ends the nesting.
macro_rules! recovers {
    () => {
        fn detour<T: Rest>(
            &self,
            why: Detour,
            req: &mut Request,
            res: &mut Response,
            tail: T,
        ) -> impl Future<Output = Done> + Send + Unpin {
            Box::pin(async move {
                let signal = match why {
                    Detour::Error(mut err) => {
                        let handled = err.handled();
                        let next = Resume::new(ErrorHandler);
                        let result = Caught::new(self.0.catch(err, &mut *req, &mut *res, next, Attribute))
                            .await
                            .unwrap_or_else(panicked);
                        let result = resumed(result, &L::INFO);
                        let (by, of) = (Outcome::ErrorHandler, Of::Layer(self));
                        Signal::from_result(result, req, res, by, tail.in_route(), of)
                            .map_error(|err| handled.chain(err))
                    }
                    other => Signal::Off(other),
                };
                follow!(signal, tail, req, res)
            })
        }

        #[inline]
        fn collect<T: Rest>() {
            codegen::detour::<T>();
        }
    };
}

macro_rules! described {
    () => {
        fn describe(&self, tree: &mut Tree<'_>) {
            if let Some(startup) = tree.layer(self.0.name()) {
                self.0.on_startup(startup);
            }
        }
    };
}

macro_rules! named {
    ($($link:ident)+) => { $(
        impl<L: Layer> Named for $link<L> {
            fn name(&self) -> &str {
                self.0.name()
            }

            fn info(&self) -> &'static LayerInfo {
                &L::INFO
            }
        }
    )+ };
}
named!(Link Catch Both);

impl<L: Layer> Chain for Link<L> {
    type OnError = Ignores;

    acts!();
    described!();
}

impl<L: Layer> Chain for Catch<L> {
    type OnError = Takes;

    // One that resumes brings requests back to the normal track, behind a guard too.
    fn answers(&self, _: &mut Request) -> bool {
        matches!(L::INFO.part, Part::Resumes)
    }

    recovers!();
    described!();
}

impl<L: Layer> Chain for Both<L> {
    type OnError = Takes;

    acts!();
    recovers!();
    described!();
}
