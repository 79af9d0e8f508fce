//! Futures, routes and apps whose types are hidden in a debug build.
//!
//! A future's type is known to whatever holds it, up to the server's connections, and so is what the debugger is told
//! of its variables: when a line of a route changes, all of that is compiled again. A box without the type
//! ends it: with 250 routes a debug build after a change of one line takes about half as long (`benches/README.md`,
//! "Building"). And what an app does with a request is compiled where the app is made, and not once more in each program
//! and each test crate that serves it. The program of a release has none of this.

pub(crate) use self::as_built::{Callee, Function, Run, function, held};

#[cfg(debug_assertions)]
mod as_built {
    use crate::chain::erased::{Erased, erased};
    use crate::chain::routes::Route;
    use crate::chain::{Chain, Rest};
    use crate::{Done, Request, Response, Result};

    /// How a host runs a chain: by a function that was named where the app was made.
    pub(crate) struct Run<C, T>(for<'a> fn(&'a C, &'a mut Request, &'a mut Response, T) -> Erased<'a, Done>);

    impl<C: Chain, T: Rest + 'static> Run<C, T> {
        pub(crate) fn new() -> Self {
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

    pub(crate) use crate::chain::routes::Route as Function;
    use crate::chain::{Chain, Rest};
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
