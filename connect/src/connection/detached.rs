//! Requests that run to their end although their client has disconnected.

use std::cell::Cell;
use std::sync::Arc;

use super::Connection;
use crate::{Next, PlainFn, PlainLayer, Request, Response, Result};

thread_local! {
    /// The connection of the request that this thread is polling, if the request has just been detached. The server
    /// takes it after each poll, so that other requests carry no field for it.
    static DETACHED: Cell<Option<Arc<Connection>>> = const { Cell::new(None) };
}

/// Takes the connection of a request that was detached during the last poll.
#[inline]
pub(crate) fn take_detached() -> Option<Arc<Connection>> {
    DETACHED.take()
}

/// The layer that [`detached`] makes.
#[derive(Debug, Clone, Copy)]
pub struct Detached(());

/// Makes a layer below which a request runs to its end although its client disconnects, for work that must not stop
/// half way, such as a debit and its credit. By default a handler is dropped at the `await` where it is suspended when
/// its client disconnects.
///
/// Use it in the list of an app or of a router, or in a route's own stack. It applies to the rest of the request:
/// layers above it run to their end as well. The response is then dropped, and reading the rest of the body fails. A
/// graceful shutdown waits for the request as for any other, and drops it after
/// [`shutdown_timeout`](crate::Server::shutdown_timeout). On a server other than connect's own the layer does nothing.
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
