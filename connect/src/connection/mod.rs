//! What a request knows of the connection that it came by, and what counts connections.

mod detached;
mod places;
mod shutdown;

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
#[cfg(feature = "websocket")]
use std::time::Duration;

pub(crate) use self::detached::take_detached;
pub use self::detached::{Detached, detached};
pub(crate) use self::places::{PeerPlace, Place, Places, TooMany};
pub use self::shutdown::Shutdown;
pub(crate) use self::shutdown::{Open, Stage};

/// One connection, as its requests see it.
pub(crate) struct Connection {
    /// None for a Unix socket.
    pub(crate) peer: Option<SocketAddr>,
    pub(crate) encrypted: bool,
    pub(crate) shutdown: Shutdown,
    /// How long the client may take nothing of what is written; for a WebSocket.
    #[cfg(feature = "websocket")]
    pub(crate) write_timeout: Duration,
    /// Whether a part of a request's body is still to come, and is waited for. In HTTP/1, where there is one at a time.
    pub(crate) uploading: AtomicBool,
    /// The server waits for it, also when it has been upgraded and belongs to a task of its own.
    pub(crate) _open: Open,
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("peer", &self.peer)
            .field("encrypted", &self.encrypted)
            .finish_non_exhaustive()
    }
}

/// A request's body that is still to come, for as long as it is waited for.
pub(crate) struct Upload(Arc<Connection>);

impl Upload {
    pub(crate) fn new(connection: &Arc<Connection>) -> Self {
        connection.uploading.store(true, Ordering::Relaxed);
        Upload(Arc::clone(connection))
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        self.0.uploading.store(false, Ordering::Relaxed);
    }
}
