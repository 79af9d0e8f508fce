//! `App::boxed`, an app whose type is forgotten, and `App::left` and `right`, one type for two apps.

use std::sync::Arc;

use crate::app::{App, Mountable};
use crate::chain::Chain;
use crate::chain::either::Either;
use crate::erased::stack::{BoxedChain, erase_stack};

/// An app whose type can be named: what [`App::boxed`] makes of any.
pub type BoxedApp<Place = Mountable> = App<BoxedChain, Place>;

impl<C: Chain, P> App<C, P> {
    /// The app with the type of its stack forgotten, so that it can be named: in the field of a struct, in a `static`, in a
    /// `Vec` with others.
    ///
    /// It is the one place of the library with dynamic dispatch that you ask for: a request costs two allocations more, and one
    /// virtual call.
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
        self.with_chain(erase_stack)
    }

    /// One type for the apps of two branches: this app as the first of the two. The other branch calls [`right`](App::right).
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

    /// The same as the second of the two: see [`left`](App::left).
    #[must_use]
    pub fn right<A: Chain>(self) -> App<Either<Arc<A>, Arc<C>>, P> {
        self.with_chain(Either::Right)
    }
}
