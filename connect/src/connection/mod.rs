//! The connection of a request, the limit of connections, and graceful shutdown.

mod detached;
mod ended;
mod half_close;
mod info;
mod limit;
mod sending;
mod shutdown;

use std::fmt;
#[cfg(feature = "websocket")]
use std::time::Duration;

pub(crate) use self::detached::take_detached;
pub use self::detached::{Detached, detached};
pub use self::ended::Ended;
pub(crate) use self::ended::{drop_because, dropped_because};
use self::half_close::HalfClose;
pub use self::info::ConnectionInfo;
#[cfg(feature = "tls")]
pub use self::info::TlsInfo;
pub(crate) use self::limit::{ConnectionLimit, ConnectionPermit, PeerPermit, TooManyConnections};
use self::sending::Sending;
pub use self::shutdown::Shutdown;
pub(crate) use self::shutdown::{OpenConnection, Stage};

/// One connection, as its requests see it.
pub(crate) struct Connection {
    pub(crate) info: ConnectionInfo,
    pub(crate) encrypted: bool,
    pub(crate) shutdown: Shutdown,
    /// How long a client may read nothing of what is written to a WebSocket.
    #[cfg(feature = "websocket")]
    pub(crate) write_timeout: Duration,
    pub(crate) half_close: HalfClose,
    pub(crate) sending: Sending,
    /// Counts the connection as open, also after an upgrade, when a task of its own serves it.
    pub(crate) _open: OpenConnection,
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("peer", &self.info.peer)
            .field("encrypted", &self.encrypted)
            .finish_non_exhaustive()
    }
}
