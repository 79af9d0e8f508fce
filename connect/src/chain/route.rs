//! What a route is: a function, and what is known of it.

use crate::check::Entries;
use crate::route::info::Info;
use crate::{Request, Response, Result};

/// A route: what an attribute such as `#[get("/user/:id")]` makes.
#[doc(hidden)]
#[diagnostic::on_unimplemented(message = "`{Self}` is not a route", label = "not a route")]
pub trait Route: Send + Sync + 'static {
    /// What is known of it when it is compiled.
    const INFO: Info;

    /// What is known of its own stack.
    const STACK: &'static Entries = &Entries::Gone;

    /// The kinds of its pattern's parameters, as a tuple, for `url!`.
    type Params;

    /// Calls the function. Its parameters are in the request already.
    fn call<'a>(
        &'a self,
        req: &'a mut Request,
        res: &'a mut Response,
    ) -> impl Future<Output = Result> + Send + 'a;
}
