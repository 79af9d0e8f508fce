//! The link of layers that never wait. A run of them is one link: they are called one after the other, on either
//! track, and only what comes out of the last is a future.

use super::boxed::{Cold, Outlined};
use super::caught::catch;
use super::deferred::{Continue, Deferred};
use super::done::{Detour, Done, Outcome};
use super::layer::{Attribute, PlainLayer};
use super::link::follow;
use super::next::{ErrorHandler, Next, PlainFn};
use super::resume::Resume;
use super::signal::{Named, Of, Signal, promised, resumed};
use super::{Chain, Rest, Takes};
use crate::check::{LayerInfo, Part};
use crate::codegen;
use crate::tree::Tree;
use crate::{Request, Response};

/// One plain layer, or a sequence of them.
pub trait Steps: Send + Sync + 'static {
    /// Takes a request that arrives on one track through all of them, to the track that it leaves on.
    fn step(&self, signal: Signal, req: &mut Request, res: &mut Response, in_route: bool) -> Signal;

    /// Whether one of them acts on the normal track.
    const ACTS: bool;

    /// Adds a line for each.
    fn describe(&self, tree: &mut Tree<'_>);
}

/// A plain layer as the one step that it is.
#[derive(Debug)]
pub struct Step<L>(pub(crate) L);

impl<L: PlainLayer> Named for Step<L> {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn info(&self) -> &'static LayerInfo {
        &L::INFO
    }
}

impl<L: PlainLayer> Steps for Step<L> {
    // An error handler that resumes brings requests back to it.
    const ACTS: bool = !matches!(L::INFO.part, Part::ErrorHandler);

    #[inline]
    fn step(&self, signal: Signal, req: &mut Request, res: &mut Response, in_route: bool) -> Signal {
        match signal {
            Signal::On => {
                let result = catch(|| self.0.run(&mut *req, &mut *res, Next::new(PlainFn)));
                let result = promised(result, &L::INFO, in_route);
                Signal::from_result(result, req, res, Outcome::Layer, in_route, Of::Layer(self))
            }
            Signal::Off(Detour::Error(mut err)) => {
                let handled = if const { L::INFO.may_fail_anew() } { Some(err.handled()) } else { None };
                let next = Resume::new(ErrorHandler);
                let result = catch(|| self.0.catch(err, &mut *req, &mut *res, next, Attribute));
                let result = resumed(result, &L::INFO);
                let (by, of) = (Outcome::ErrorHandler, Of::Layer(self));
                let signal = Signal::from_result(result, req, res, by, in_route, of);
                match handled {
                    Some(handled) => signal.map_error(|err| handled.chain(err)),
                    None => signal,
                }
            }
            other => other,
        }
    }

    fn describe(&self, tree: &mut Tree<'_>) {
        if let Some(startup) = tree.layer(self.0.name()) {
            self.0.on_startup(startup);
        }
    }
}

/// Two plain layers, or sequences of them, one after the other.
#[derive(Debug)]
pub struct Seq<A, B>(pub(crate) A, pub(crate) B);

impl<A: Steps, B: Steps> Steps for Seq<A, B> {
    const ACTS: bool = A::ACTS || B::ACTS;

    #[inline]
    fn step(&self, signal: Signal, req: &mut Request, res: &mut Response, in_route: bool) -> Signal {
        match self.0.step(signal, req, res, in_route) {
            Signal::End(done) => Signal::End(done),
            signal => self.1.step(signal, req, res, in_route),
        }
    }

    fn describe(&self, tree: &mut Tree<'_>) {
        self.0.describe(tree);
        self.1.describe(tree);
    }
}

/// A run of plain layers.
#[derive(Debug)]
pub struct PlainLink<S>(pub(crate) S);

impl<S: Steps> Chain for PlainLink<S> {
    type OnError = Takes;

    #[inline]
    fn run<T: Rest>(
        &self,
        req: &mut Request,
        res: &mut Response,
        tail: T,
    ) -> impl Future<Output = Done> + Send {
        Deferred::new(move || match self.0.step(Signal::On, req, res, tail.in_route()) {
            Signal::On => Continue::Inline(tail.run(req, res)),
            Signal::Off(why) => Continue::Boxed(Outlined(tail.detour(why, req, res))),
            Signal::End(done) => Continue::Done(done),
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
            let signal = self.0.step(Signal::Off(why), req, res, tail.in_route());
            follow!(signal, tail, req, res)
        })
    }

    fn answers(&self, _: &mut Request) -> bool {
        S::ACTS
    }

    fn describe(&self, tree: &mut Tree<'_>) {
        self.0.describe(tree);
    }

    #[inline]
    fn collect<T: Rest>() {
        codegen::detour::<T>();
    }
}
