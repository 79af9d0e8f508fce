//! `App::boxed`, a type-erased app, and `App::left` and `right`, one type for two apps.

use std::sync::Arc;

use crate::app::{App, Mountable};
use crate::chain::done::{Detour, Done};
use crate::chain::either::Either;
use crate::chain::hidden::{AnyStack, kept};
use crate::chain::tree::Tree;
use crate::chain::{Chain, Rest, Takes};
use crate::{Request, Response};

/// A type-erased app, whose type can be named: [`App::boxed`] makes one of any app.
pub type BoxedApp<Place = Mountable> = App<BoxedChain, Place>;

/// The stack of a [`BoxedApp`].
#[derive(Debug)]
pub struct BoxedChain(Box<dyn AnyStack>);

impl Chain for BoxedChain {
    type OnError = Takes;

    fn run<T: Rest>(
        &self,
        req: &mut Request,
        res: &mut Response,
        tail: T,
    ) -> impl Future<Output = Done> + Send {
        Chain::run(&self.0, req, res, tail)
    }

    fn detour<T: Rest>(
        &self,
        why: Detour,
        req: &mut Request,
        res: &mut Response,
        tail: T,
    ) -> impl Future<Output = Done> + Send + Unpin {
        Chain::detour(&self.0, why, req, res, tail)
    }

    fn answers(&self, req: &mut Request) -> bool {
        Chain::answers(&self.0, req)
    }

    fn describe(&self, tree: &mut Tree<'_>) {
        Chain::describe(&self.0, tree);
    }

    #[inline]
    fn collect<T: Rest>() {
        <Box<dyn AnyStack> as Chain>::collect::<T>();
    }
}

impl<C: Chain, P> App<C, P> {
    /// Type-erases the stack of the app, so that its type can be named: in the field of a struct, in a `static`, in a
    /// `Vec` with others.
    ///
    /// A request then costs two more allocations and a dynamic call. It is the only dynamic dispatch of the library that
    /// you opt into.
    ///
    /// ```
    /// use connect::{app, get, BoxedApp};
    ///
    /// #[get("/")]
    /// fn index() -> &'static str {
    ///     "index"
    /// }
    ///
    /// struct Tenant {
    ///     host: &'static str,
    ///     app: BoxedApp,
    /// }
    ///
    /// let tenants = vec![
    ///     Tenant { host: "a.example", app: app![index].boxed() },
    ///     Tenant { host: "b.example", app: app!["/b" => index].boxed() },
    /// ];
    /// ```
    #[must_use]
    pub fn boxed(self) -> App<BoxedChain, P> {
        self.with_chain(|chain| BoxedChain(kept(chain)))
    }

    /// Makes one type of the apps of two branches, with this app as the first. The other branch calls
    /// [`right`](App::right).
    ///
    /// ```
    /// use connect::{app, get};
    ///
    /// #[get("/")]
    /// fn index() -> &'static str {
    ///     "index"
    /// }
    ///
    /// #[get("/debug")]
    /// fn debug() -> &'static str {
    ///     "debug"
    /// }
    ///
    /// let debugging = std::env::args().len() > 1;
    /// let app = if debugging { app![debug, index].left() } else { app![index].right() };
    /// ```
    #[must_use]
    pub fn left<B: Chain>(self) -> App<Either<Arc<C>, Arc<B>>, P> {
        self.with_chain(Either::Left)
    }

    /// Makes the same type with this app as the second: see [`left`](App::left).
    #[must_use]
    pub fn right<A: Chain>(self) -> App<Either<Arc<A>, Arc<C>>, P> {
        self.with_chain(Either::Right)
    }
}
