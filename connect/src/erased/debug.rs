//! What a debug build erases: the types of futures, routes, apps, mounted stacks, and of what follows a part of a list. A release
//! keeps them.
//!
//! A future's type is known to whatever holds it, up to the server's connections, and so is what the debugger is told of its
//! variables: when a line of a route changes, all of that is compiled again. A box without the type ends it: with 250 routes a debug
//! build after a change of one line takes about half as long (`benches/README.md`, "Building"). And what an app does with a request
//! is compiled where the app is made, and not once more in each program and each test crate that serves it.
//!
//! The debugger is told the names of all types, each written out with all types in it. That of a layer's future names what follows
//! the layer: to the end of its part of the list, and no further, since [`run_part`] erases the rest, and a mounted stack is
//! [`MaybeErased`]. Without that, the names in an app of nine lists with sixteen layers each fill three gigabytes.

pub(crate) use self::as_built::{
    Function, MaybeErased, RouteFunction, Run, collect_part, detour_part, function, maybe_erased,
    maybe_erased_future, run_part,
};

#[cfg(debug_assertions)]
mod as_built {
    use crate::chain::done::Detour;
    use crate::chain::route::Route;
    use crate::chain::{Chain, OnError, Rest};
    use crate::erased::stack::{BoxedChain, ErasedRest};
    use crate::erased::{Erased, erased};
    use crate::{Done, Request, Response, Result, codegen};

    /// How a host runs a chain: by a function that was named where the app was made.
    pub(crate) struct Run<C, T>(for<'a> fn(&'a C, &'a mut Request, &'a mut Response, T) -> Erased<'a, Done>);

    impl<C: Chain, T: Rest + 'static> Run<C, T> {
        pub(crate) fn new() -> Self {
            codegen::named::<C, T>();
            Run(|chain, req, res, tail| erased(move || chain.run(req, res, tail)))
        }

        pub(crate) fn run<'a>(
            &self,
            chain: &'a C,
            req: &'a mut Request,
            res: &'a mut Response,
            tail: T,
        ) -> Erased<'a, Done> {
            (self.0)(chain, req, res, tail)
        }
    }

    impl<C, T> Clone for Run<C, T> {
        fn clone(&self) -> Self {
            *self
        }
    }

    impl<C, T> Copy for Run<C, T> {}

    /// Runs a part of a list, which does not see what follows it.
    pub(crate) fn run_part<C: Chain, R: Rest>(
        part: &C,
        req: &mut Request,
        res: &mut Response,
        rest: R,
    ) -> impl Future<Output = Done> + Send {
        async move { part.run(req, res, ErasedRest(&rest)).await }
    }

    /// Takes an error to it.
    pub(crate) fn detour_part<C: Chain, R: Rest>(
        part: &C,
        why: Detour,
        req: &mut Request,
        res: &mut Response,
        rest: R,
    ) -> impl Future<Output = Done> + Send + Unpin {
        // As every detour is: see `Chain::detour`.
        Box::pin(async move { C::OnError::detour(part, why, req, res, ErasedRest(&rest)).await })
    }

    /// Names its futures.
    #[inline]
    pub(crate) fn collect_part<C: Chain, R: Rest>() {
        codegen::normal::<R>();
        codegen::detour::<R>();
        C::collect::<ErasedRest<'static>>();
    }

    /// A mounted stack, as the list around it sees it.
    pub(crate) type MaybeErased<C> = <C as EraseTo<BoxedChain>>::As;

    /// The type that stands for another: the same for all.
    pub trait EraseTo<T: ?Sized> {
        type As: ?Sized;
    }

    impl<C, T: ?Sized> EraseTo<T> for C {
        type As = T;
    }

    pub(crate) use crate::erased::stack::erase_stack as maybe_erased;

    /// A route's future, without its type.
    pub(crate) fn maybe_erased_future<'a, T>(future: impl Future<Output = T> + Send + 'a) -> Erased<'a, T> {
        erased(|| future)
    }

    /// A route's function, as the route's own stack sees it: without its type, so that the layers of the stack are not
    /// compiled again with it.
    pub(crate) trait Function: Send + Sync {
        fn call<'a>(&'a self, req: &'a mut Request, res: &'a mut Response) -> Erased<'a, Result>;
    }

    impl<R: Route> Function for R {
        fn call<'a>(&'a self, req: &'a mut Request, res: &'a mut Response) -> Erased<'a, Result> {
            maybe_erased_future(Route::call(self, req, res))
        }
    }

    /// The function of a route, as the route's own stack sees it.
    pub(crate) type RouteFunction<R> = <R as EraseTo<dyn Function>>::As;

    /// The function of a route.
    pub(crate) fn function<R: Route>(route: &R) -> &dyn Function {
        route
    }
}

#[cfg(not(debug_assertions))]
mod as_built {
    use std::marker::PhantomData;

    use crate::chain::done::Detour;
    pub(crate) use crate::chain::route::Route as Function;
    use crate::chain::{Chain, OnError, Rest};
    use crate::{Done, Request, Response};

    /// How a host runs a chain.
    pub(crate) struct Run<C, T>(PhantomData<fn() -> (C, T)>);

    impl<C: Chain, T: Rest> Run<C, T> {
        #[inline]
        pub(crate) fn new() -> Self {
            Run(PhantomData)
        }

        #[inline]
        pub(crate) fn run<'a>(
            &self,
            chain: &'a C,
            req: &'a mut Request,
            res: &'a mut Response,
            tail: T,
        ) -> impl Future<Output = Done> + Send + use<'a, C, T> {
            chain.run(req, res, tail)
        }
    }

    impl<C, T> Clone for Run<C, T> {
        #[inline]
        fn clone(&self) -> Self {
            *self
        }
    }

    impl<C, T> Copy for Run<C, T> {}

    /// Runs a part of a list.
    #[inline]
    pub(crate) fn run_part<C: Chain, R: Rest>(
        part: &C,
        req: &mut Request,
        res: &mut Response,
        rest: R,
    ) -> impl Future<Output = Done> + Send {
        part.run(req, res, rest)
    }

    /// Takes an error to it.
    #[inline]
    pub(crate) fn detour_part<C: Chain, R: Rest>(
        part: &C,
        why: Detour,
        req: &mut Request,
        res: &mut Response,
        rest: R,
    ) -> impl Future<Output = Done> + Send + Unpin {
        C::OnError::detour(part, why, req, res, rest)
    }

    /// Names its futures.
    #[inline]
    pub(crate) fn collect_part<C: Chain, R: Rest>() {
        C::collect::<R>();
    }

    /// A mounted stack, as the list around it sees it.
    pub(crate) type MaybeErased<C> = C;

    pub(crate) fn maybe_erased<C>(stack: C) -> C {
        stack
    }

    /// The function of a route, as the route's own stack sees it.
    pub(crate) type RouteFunction<R> = R;

    /// A route's future.
    #[inline]
    pub(crate) fn maybe_erased_future<F>(future: F) -> F {
        future
    }

    /// The function of a route.
    #[inline]
    pub(crate) fn function<R>(route: &R) -> &R {
        route
    }
}
