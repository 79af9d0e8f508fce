//! Futures whose types are hidden in a debug build.
//!
//! A future's type is known to whatever holds it, up to the server's connections, and so is what the debugger is told
//! of its variables: when a line of a route changes, all of that is compiled again. A box without the type
//! ends it: of 250 routes, a debug build after a change of one line took half of the time with it. The
//! program of a release has none.

#[cfg(debug_assertions)]
use std::pin::Pin;

use super::routes::Route;
use crate::{Request, Response, Result};

#[cfg(debug_assertions)]
type Held<'a, F> = Pin<Box<dyn Future<Output = <F as Future>::Output> + Send + 'a>>;

#[cfg(not(debug_assertions))]
type Held<'a, F> = F;

/// The future, in a box if this is a debug build.
#[cfg(debug_assertions)]
pub(crate) fn held<'a, F: Future + Send + 'a>(future: F) -> Held<'a, F> {
    Box::pin(future)
}

/// The future, as it is.
#[cfg(not(debug_assertions))]
#[inline]
pub(crate) fn held<F: Future + Send>(future: F) -> Held<'static, F> {
    future
}

/// A route's function, as the route's own stack sees it: in a debug build without its type, so that the layers of the
/// stack are not compiled again with it.
pub(crate) trait Function: Send + Sync {
    /// Calls it.
    #[cfg(debug_assertions)]
    fn serve<'a>(
        &'a self,
        req: &'a mut Request,
        res: &'a mut Response,
    ) -> Pin<Box<dyn Future<Output = Result> + Send + 'a>>;

    /// Calls it.
    #[cfg(not(debug_assertions))]
    fn serve<'a>(
        &'a self,
        req: &'a mut Request,
        res: &'a mut Response,
    ) -> impl Future<Output = Result> + Send + 'a;
}

impl<R: Route> Function for R {
    #[cfg(debug_assertions)]
    fn serve<'a>(
        &'a self,
        req: &'a mut Request,
        res: &'a mut Response,
    ) -> Pin<Box<dyn Future<Output = Result> + Send + 'a>> {
        Box::pin(self.call(req, res))
    }

    #[cfg(not(debug_assertions))]
    #[inline]
    fn serve<'a>(
        &'a self,
        req: &'a mut Request,
        res: &'a mut Response,
    ) -> impl Future<Output = Result> + Send + 'a {
        self.call(req, res)
    }
}

/// The function of a route.
#[cfg(debug_assertions)]
pub(crate) fn function<R: Route>(route: &R) -> &dyn Function {
    route
}

/// The function of a route.
#[cfg(not(debug_assertions))]
#[inline]
pub(crate) fn function<R: Route>(route: &R) -> &R {
    route
}
