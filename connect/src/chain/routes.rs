//! Routes in a list, and the link of a run of them: one table says which is next, and a [`Group`] holds what they do.

use std::any::TypeId;

use super::boxed::Cold;
use super::caught::{Caught, Lazy};
use super::done::{Detour, Done, Exit, Flow, Outcome};
use super::group::Group;
use super::link::panicked;
use super::route::Route;
use super::signal::{Of, Signal};
use super::{Chain, Ignores, Rest, rest_is_copy};
use crate::erased::debug::{Function, RouteFunction, function, maybe_erased_future};
use crate::request::Moved;
use crate::route::info::Info;
use crate::route::pattern::Options;
use crate::route::table::Table;
use crate::tree::Tree;
use crate::{Request, Response, Result};

/// A route without a stack of its own.
#[derive(Debug)]
pub struct Leaf<R>(pub(crate) R);

/// A route behind its own stack.
#[derive(Debug)]
pub struct Stacked<R, S> {
    pub(crate) route: R,
    pub(crate) stack: S,
}

/// The constant, at an address.
struct Static<R>(R);

impl<R: Route> Static<R> {
    const INFO: &'static Info = &R::INFO;
}

impl<R: Route> Group for Leaf<R> {
    const LEN: usize = 1;

    #[inline]
    fn call<'a>(
        &'a self,
        _: usize,
        req: &'a mut Request,
        res: &'a mut Response,
    ) -> impl Future<Output = Result> + Send + 'a {
        maybe_erased_future(self.0.call(req, res))
    }

    fn describe(&self, tree: &mut Tree<'_>) {
        tree.route(Static::<R>::INFO, TypeId::of::<R>(), |_| {});
    }
}

impl<R: Route, S: Chain> Group for Stacked<R, S> {
    const LEN: usize = 1;

    fn call<'a>(
        &'a self,
        _: usize,
        req: &'a mut Request,
        res: &'a mut Response,
    ) -> impl Future<Output = Result> + Send + 'a {
        maybe_erased_future(
            async move { Ok(self.stack.run(req, res, CallFunction(function(&self.route))).await) },
        )
    }

    fn describe(&self, tree: &mut Tree<'_>) {
        tree.route(Static::<R>::INFO, TypeId::of::<R>(), |tree| self.stack.describe(tree));
    }

    #[inline]
    fn collect() {
        S::collect::<CallFunction<'static, RouteFunction<R>>>();
    }
}

/// What follows a route's own stack: its function. What follows that is a value, whatever it is; a stack whose
/// tail were the next match would hold all routes after it in its type.
#[derive(Debug)]
struct CallFunction<'a, F: ?Sized>(&'a F);

rest_is_copy!([F: ?Sized] CallFunction<'_, F>, ());

impl<F: Function + ?Sized> Rest for CallFunction<'_, F> {
    #[inline]
    fn in_route(self) -> bool {
        true
    }

    fn run(self, req: &mut Request, res: &mut Response) -> impl Future<Output = Done> + Send {
        async move {
            let result = {
                let (req, res) = (&mut *req, &mut *res);
                Caught::new(Lazy::new(move || self.0.call(req, res))).await.unwrap_or_else(panicked)
            };
            match Signal::from_result(result, req, res, Outcome::Layer, true, Of::Route) {
                Signal::On => out(Exit::Pass),
                Signal::Off(why) => left(why, req),
                Signal::End(done) => done,
            }
        }
    }

    fn detour(
        self,
        why: Detour,
        req: &mut Request,
        _: &mut Response,
    ) -> impl Future<Output = Done> + Send + Unpin {
        std::future::ready(left(why, req))
    }
}

fn out(exit: Exit) -> Done {
    Done(Flow::Out(exit))
}

fn left(why: Detour, req: &mut Request) -> Done {
    out(match why {
        Detour::Route => Exit::Pass,
        Detour::Leave => Exit::Leave,
        Detour::Error(err) => Exit::Failed(req.number(), err.on_its_way(true)),
    })
}

/// A run of routes.
#[derive(Debug)]
pub struct Switch<G> {
    table: Table,
    infos: Box<[&'static Info]>,
    group: G,
}

impl<G: Group> Switch<G> {
    pub(crate) fn new(group: G, options: Options) -> Self {
        let mut routes = Vec::with_capacity(G::LEN);
        Tree::routes(&mut routes, |tree| group.describe(tree));
        let infos: Box<[_]> = routes.iter().map(|route| route.info).collect();
        let table = Table::new(infos.iter().map(|info| (info.pattern, info.methods)), options);
        Switch { table, infos, group }
    }
}

impl<G: Group> Chain for Switch<G> {
    // Row 134: with an error no route is entered.
    type OnError = Ignores;

    #[inline]
    fn run<T: Rest>(
        &self,
        req: &mut Request,
        res: &mut Response,
        tail: T,
    ) -> impl Future<Output = Done> + Send {
        async move {
            let mut from = 0;
            let why = loop {
                let result = {
                    let (moved, res) = (Moved::into_route(&mut *req), &mut *res);
                    let index = match moved.req.find_route(&self.table, from) {
                        Ok(Some(found)) => found.route,
                        Ok(None) => break None,
                        Err(err) => break Some(Detour::Error(err.into())),
                    };
                    from = index + 1;
                    moved.req.set_route(self.infos[index]);
                    let req = &mut *moved.req;
                    Caught::new(Lazy::new(move || self.group.call(index, req, res)))
                        .await
                        .unwrap_or_else(panicked)
                };
                match Signal::from_result(result, req, res, Outcome::Layer, true, Of::Route) {
                    Signal::End(Done(Flow::Out(Exit::Failed(_, err)))) => {
                        break Some(Detour::Error(err.on_its_way(false)));
                    }
                    Signal::End(Done(Flow::Out(Exit::Leave))) => break Some(Detour::Leave),
                    Signal::On | Signal::Off(Detour::Route) | Signal::End(Done(Flow::Out(Exit::Pass))) => {}
                    Signal::End(done) => return done,
                    Signal::Off(why) => break Some(why),
                }
            };
            match why {
                None => tail.run(req, res).await,
                Some(why) => Cold(tail.detour(why, req, res)).await,
            }
        }
    }

    fn answers(&self, req: &mut Request) -> bool {
        req.has_route(&self.table)
    }

    fn describe(&self, tree: &mut Tree<'_>) {
        self.group.describe(tree);
    }

    #[inline]
    fn collect<T: Rest>() {
        G::collect();
    }
}
