//! How a response ended.

use std::cell::Cell;

/// How a response ended: a field of [`Finish`](crate::Finish).
///
/// Under connect's own server, each variant is what the server saw. Another server that calls the app as a service drops the
/// request or the body without a reason: then an early end is always [`ClientLeft`](Ended::ClientLeft), although it may have been a
/// timeout of that server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Ended {
    /// The whole response was given to the operating system, in HTTP/2 to the connection.
    ///
    /// Whether the client has received it is not known: TCP does not tell the server, and a client may disconnect with the
    /// last bytes on their way.
    Complete,
    /// The client disconnected, or reset the stream, before it had the whole response.
    ///
    /// That includes a client that closed its own half of the connection, when the handler took longer than
    /// [`half_close_timeout`](crate::Server::half_close_timeout), and one that vanished, as a ping of HTTP/2 found.
    #[default]
    ClientLeft,
    /// The client stayed connected but read nothing for the server's [`write_timeout`](crate::Server::write_timeout), or, at the
    /// end of a connection, not the last bytes within 5 seconds.
    TimedOut,
    /// The server ended first: [`shutdown_timeout`](crate::Server::shutdown_timeout) was over, a second signal came, or the
    /// runtime was shut down. The handler or the body was dropped. Streams of events end so as soon as the shutdown starts.
    Shutdown,
    /// The body failed: its stream returned an error or panicked, or it ended before the `Content-Length` that was set.
    Failed,
}

impl Ended {
    pub(crate) const ALL: [Ended; 5] =
        [Ended::Complete, Ended::ClientLeft, Ended::TimedOut, Ended::Shutdown, Ended::Failed];
}

thread_local! {
    /// Why the future that this thread is dropping is dropped, where its connection does not know.
    static DROPPED: Cell<Option<Ended>> = const { Cell::new(None) };
}

/// Why the future that this thread is dropping is dropped.
pub(crate) fn dropped_because() -> Option<Ended> {
    // At the end of a thread there is none.
    DROPPED.try_with(Cell::get).ok().flatten()
}

/// Drops requests, for a reason.
pub(crate) fn drop_because<T>(why: Ended, drop: impl FnOnce() -> T) -> T {
    let before = DROPPED.try_with(|dropped| dropped.replace(Some(why)));
    let dropped = drop();
    let _ = DROPPED.try_with(|dropped| dropped.set(before.ok().flatten()));
    dropped
}
