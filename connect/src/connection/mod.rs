//! What a request knows of the connection that it came by, and what counts connections.

mod detached;
mod ended;
mod half_close;
mod info;
mod places;
mod sending;
mod shutdown;

use std::fmt;
#[cfg(feature = "websocket")]
use std::time::Duration;

pub(crate) use self::detached::take_detached;
pub use self::detached::{Detached, detached};
pub use self::ended::Ended;
#[cfg(feature = "http2")]
pub(crate) use self::ended::drop_because;
pub(crate) use self::ended::dropped_because;
use self::half_close::HalfClose;
pub use self::info::ConnectionInfo;
#[cfg(feature = "tls")]
pub use self::info::TlsInfo;
pub(crate) use self::places::{PeerPlace, Place, Places, TooMany};
use self::sending::Sending;
pub use self::shutdown::Shutdown;
pub(crate) use self::shutdown::{Open, Stage};

/// One connection, as its requests see it.
pub(crate) struct Connection {
    pub(crate) info: ConnectionInfo,
    pub(crate) encrypted: bool,
    pub(crate) shutdown: Shutdown,
    /// How long the client may take nothing of what is written; for a WebSocket.
    #[cfg(feature = "websocket")]
    pub(crate) write_timeout: Duration,
    pub(crate) half_close: HalfClose,
    pub(crate) sending: Sending,
    /// The server waits for it, also when it has been upgraded and belongs to a task of its own.
    pub(crate) _open: Open,
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("peer", &self.info.peer)
            .field("encrypted", &self.encrypted)
            .finish_non_exhaustive()
    }
}
