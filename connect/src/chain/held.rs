//! Futures and routes whose types are hidden in a debug build.
//!
//! A future's type is known to whatever holds it, up to the server's connections, and so is what the debugger is told
//! of its variables: when a line of a route changes, all of that is compiled again. A box without the type
//! ends it: with 250 routes a debug build after a change of one line takes about half as long (`benches/README.md`,
//! "Building"). The program of a release has none of this.

pub(crate) use self::as_built::{Callee, Function, function, held};

#[cfg(debug_assertions)]
mod as_built {
    use crate::chain::erased::{Erased, erased};
    use crate::chain::routes::Route;
    use crate::{Request, Response, Result};

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
    pub(crate) use crate::chain::routes::Route as Function;

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
