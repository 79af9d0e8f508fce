//! Requests that are run to their end although their client has left.

use std::cell::Cell;
use std::sync::Arc;

use super::Connection;
use crate::{Next, PlainFn, PlainLayer, Request, Response, Result};

thread_local! {
    /// The connection of the request that this thread is answering, if it has just been detached. The server takes it after each
    /// poll of a request: so no other request carries a field for it.
    static DETACHED: Cell<Option<Arc<Connection>>> = const { Cell::new(None) };
}

/// What the request that was polled last has said, once.
#[inline]
pub(crate) fn take_detached() -> Option<Arc<Connection>> {
    DETACHED.take()
}

/// What [`detached`] makes.
#[derive(Debug, Clone, Copy)]
pub struct Detached(());

/// A layer behind which a request is run to its end although its client leaves: for what must not stop half way, such as a debit and
/// its credit. By default a handler is dropped at the `await` where it stands when its client has left.
///
/// It stands in the list of an app or of a router, or in a route's own stack, and counts for the rest of the request: layers in
/// front of it run to their end as well. Nobody gets the response then. Reading what is left of the body fails. At its end the
/// server waits for the request as for any other, and drops it after [`shutdown_timeout`](crate::Server::shutdown_timeout).
/// Under another server than connect's own the layer does nothing.
///
/// ```
/// use connect::{app, detached, post, Result};
///
/// #[post("/pay", detached())]
/// async fn pay() -> Result<&'static str> {
///     debit().await?;
///     credit().await?;
///     Ok("paid")
/// }
/// # async fn debit() -> Result<()> { Ok(()) }
/// # async fn credit() -> Result<()> { Ok(()) }
///
/// let app = app![pay];
/// ```
#[must_use]
pub fn detached() -> Detached {
    Detached(())
}

impl PlainLayer for Detached {
    fn run(&self, req: &mut Request, _res: &mut Response, next: Next<(), PlainFn>) -> Result {
        DETACHED.set(req.connection().cloned());
        next.pass()
    }

    fn name(&self) -> &str {
        "detached"
    }
}
