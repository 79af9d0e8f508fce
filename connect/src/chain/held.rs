//! Types that are hidden in a debug build: of futures, routes, apps, mounted stacks, and of what follows a part of a list.
//!
//! A future's type is known to whatever holds it, up to the server's connections, and so is what the debugger is told
//! of its variables: when a line of a route changes, all of that is compiled again. A box without the type
//! ends it: with 250 routes a debug build after a change of one line takes about half as long (`benches/README.md`,
//! "Building"). And what an app does with a request is compiled where the app is made, and not once more in each program
//! and each test crate that serves it.
//!
//! The debugger is told the names of all types, each written out with all types in it. That of a layer's future names
//! what follows the layer: to the end of its part of the list, and no further, since [`before`] hides the rest, and a mounted
//! stack is a [`Kept`] one. Without that, the names in an app of nine lists with sixteen layers each fill three gigabytes.
//!
//! The program of a release has none of this.

pub(crate) use self::as_built::{
    Callee, Function, Kept, Run, before, collect_before, detour_before, function, held, kept,
};

#[cfg(debug_assertions)]
mod as_built {
    use crate::chain::collect;
    use crate::chain::done::Detour;
    use crate::chain::erased::{Erased, erased};
    use crate::chain::hidden::{AnyStack, Hidden};
    use crate::chain::route::Route;
    use crate::chain::{Chain, OnError, Rest};
    use crate::{Done, Request, Response, Result};

    /// How a host runs a chain: by a function that was named where the app was made.
    pub(crate) struct Run<C, T>(for<'a> fn(&'a C, &'a mut Request, &'a mut Response, T) -> Erased<'a, Done>);

    impl<C: Chain, T: Rest + 'static> Run<C, T> {
        pub(crate) fn new() -> Self {
            collect::named::<C, T>();
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
    pub(crate) fn before<C: Chain, R: Rest>(
        part: &C,
        req: &mut Request,
        res: &mut Response,
        rest: R,
    ) -> impl Future<Output = Done> + Send {
        async move { part.run(req, res, Hidden(&rest)).await }
    }

    /// Takes an error to it.
    pub(crate) fn detour_before<C: Chain, R: Rest>(
        part: &C,
        why: Detour,
        req: &mut Request,
        res: &mut Response,
        rest: R,
    ) -> impl Future<Output = Done> + Send + Unpin {
        Box::pin(async move { C::OnError::detour(part, why, req, res, Hidden(&rest)).await })
    }

    /// Names its futures.
    #[inline]
    pub(crate) fn collect_before<C: Chain, R: Rest>() {
        collect::normal::<R>();
        collect::detour::<R>();
        C::collect::<Hidden<'static>>();
    }

    /// A mounted stack, as the list sees it that it is mounted in.
    pub(crate) type Kept<C> = <C as Keep>::As;

    /// The type in which a stack is kept: the same for all.
    pub trait Keep {
        type As: Chain;
    }

    impl<C: Chain> Keep for C {
        type As = Box<dyn AnyStack>;
    }

    pub(crate) use crate::chain::hidden::kept;

    /// A route's future, without its type.
    pub(crate) fn held<'a, T>(future: impl Future<Output = T> + Send + 'a) -> Erased<'a, T> {
        erased(|| future)
    }

    /// A route's function, as the route's own stack sees it: without its type, so that the layers of the stack are not
    /// compiled again with it.
    pub(crate) trait Function: Send + Sync {
        fn call<'a>(&'a self, req: &'a mut Request, res: &'a mut Response) -> Erased<'a, Result>;
    }

    impl<R: Route> Function for R {
        fn call<'a>(&'a self, req: &'a mut Request, res: &'a mut Response) -> Erased<'a, Result> {
            held(Route::call(self, req, res))
        }
    }

    /// What a route's own stack knows of its function.
    pub(crate) type Callee<R> = <R as Forget>::As;

    /// The type in which a route is forgotten: the same for all.
    pub(crate) trait Forget {
        type As: Function + ?Sized + 'static;
    }

    impl<R: Route> Forget for R {
        type As = dyn Function;
    }

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
    pub(crate) fn before<C: Chain, R: Rest>(
        part: &C,
        req: &mut Request,
        res: &mut Response,
        rest: R,
    ) -> impl Future<Output = Done> + Send {
        part.run(req, res, rest)
    }

    /// Takes an error to it.
    #[inline]
    pub(crate) fn detour_before<C: Chain, R: Rest>(
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
    pub(crate) fn collect_before<C: Chain, R: Rest>() {
        C::collect::<R>();
    }

    /// A mounted stack, as the list sees it that it is mounted in.
    pub(crate) type Kept<C> = C;

    pub(crate) fn kept<C>(stack: C) -> C {
        stack
    }

    /// What a route's own stack knows of its function.
    pub(crate) type Callee<R> = R;

    /// A route's future.
    #[inline]
    pub(crate) fn held<F>(future: F) -> F {
        future
    }

    /// The function of a route.
    #[inline]
    pub(crate) fn function<R>(route: &R) -> &R {
        route
    }
}
