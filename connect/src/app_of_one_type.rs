//! `App::boxed`, a type-erased app, and `App::left` and `right`, one type for two apps.

use std::sync::Arc;

use crate::app::{App, Mountable};
use crate::chain::Chain;
use crate::chain::either::Either;
use crate::erased::stack::{BoxedChain, erase_stack};

/// A type-erased app, whose type can be named: [`App::boxed`] makes one of any app.
pub type BoxedApp<Place = Mountable> = App<BoxedChain, Place>;

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
        self.with_chain(erase_stack)
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
