//! The stream tasks of an HTTP/2 connection, and the write timeout of each.
//!
//! A client that sends no window update for a stream blocks the stream's task with the response in it, and hyper waits
//! without a limit. So this executor gives the tasks that hyper spawns a timeout: a stream whose client reads nothing
//! for `write_timeout` is dropped, which resets it. [`SentBody`](super::requests::SentBody), which hyper polls inside
//! the task, tells whether the task waits for the client or for the handler.

use std::cell::Cell;
use std::pin::Pin;
use std::sync::Weak;
use std::task::{Context, Poll};
use std::time::Duration;

use pin_project_lite::pin_project;
use tokio::time::{Instant, Sleep};

use super::io::ConnectionState;
use crate::connection::{Connection, Ended, drop_because};

/// How much of a body h2 gets at once, in bytes. It buffers what it gets until the client has sent a window for it, and
/// the stream's task can have ended by then.
pub(super) const CHUNK: usize = 16 * 1024;

/// How many times a stream's write timeout may restart because the client reads other streams of the connection.
const MAX_RESTARTS: u8 = 4;

/// How many bytes the client has to read of other streams for that: more than the heads and resets of as many streams
/// as may be open.
const OTHER_STREAMS: u64 = 4 * CHUNK as u64;

/// What a stream's task waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum WaitsFor {
    /// The handler, or the stream of the body.
    Server,
    /// The client, since this chunk of the response.
    Client(u32),
}

thread_local! {
    /// What the task waits for that this thread is polling.
    static WAITS: Cell<WaitsFor> = const { Cell::new(WaitsFor::Server) };
}

/// hyper got a chunk of the response: it asks for the next one when the client has read this one.
pub(super) fn chunk_sent() {
    WAITS.set(match WAITS.get() {
        WaitsFor::Server => WaitsFor::Client(0),
        WaitsFor::Client(chunk) => WaitsFor::Client(chunk.wrapping_add(1)),
    });
}

/// hyper asked for a chunk that is not ready yet.
pub(super) fn waits_for_handler() {
    WAITS.set(WaitsFor::Server);
}

/// Spawns the tasks of a connection's streams.
#[derive(Clone)]
pub(super) struct StreamExecutor {
    pub(super) state: Weak<ConnectionState>,
    pub(super) connection: Weak<Connection>,
    pub(super) write_timeout: Duration,
}

impl<F: Future<Output = ()> + Send + 'static> hyper::rt::Executor<F> for StreamExecutor {
    fn execute(&self, future: F) {
        let streams = self.clone();
        tokio::spawn(StreamTask {
            future: Some(future),
            streams,
            waits: WaitsFor::Server,
            timer: None,
            written: 0,
            restarts: 0,
        });
    }
}

pin_project! {
    /// A stream's task with the write timeout.
    struct StreamTask<F> {
        #[pin]
        future: Option<F>,
        streams: StreamExecutor,
        waits: WaitsFor,
        // Boxed, and made at the first wait: most streams never wait for their client.
        timer: Option<Pin<Box<Sleep>>>,
        // How much the connection had written when the timer started, and how often it was restarted since.
        written: u64,
        restarts: u8,
    }

    impl<F> PinnedDrop for StreamTask<F> {
        fn drop(this: Pin<&mut Self>) {
            // It is there if the runtime ends before the request.
            drop_because(Ended::Shutdown, || this.project().future.set(None));
        }
    }
}

impl<F: Future<Output = ()>> Future for StreamTask<F> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut this = self.project();
        let before = *this.waits;
        WAITS.set(before);
        // There until it is ready.
        let Some(future) = this.future.as_mut().as_pin_mut() else { return Poll::Ready(()) };
        if future.poll(cx).is_ready() {
            // It still has the request, if the connection has ended before the request.
            let connection = this.streams.connection.upgrade();
            let why = connection.map_or(Ended::ClientLeft, |connection| connection.sending.why_not());
            drop_because(why, || this.future.set(None));
            return Poll::Ready(());
        }
        *this.waits = WAITS.replace(WaitsFor::Server);
        if *this.waits == WaitsFor::Server {
            *this.timer = None;
            return Poll::Pending;
        }
        let limit = this.streams.write_timeout;
        let timer = this.timer.get_or_insert_with(|| Box::pin(tokio::time::sleep(limit)));
        let state =
            || this.streams.state.upgrade().map_or((false, 0), |state| state.write_buffer().progress());
        if *this.waits != before {
            timer.as_mut().reset(Instant::now() + limit);
            (*this.written, *this.restarts) = (state().1, 0);
        }
        while timer.as_mut().poll(cx).is_ready() {
            let (is_blocked, written) = state();
            // If the client reads nothing of the whole connection, the connection's own timeout applies. If it reads
            // other streams, this one may wait for its turn, but not without end.
            let is_next =
                *this.restarts < MAX_RESTARTS && written.saturating_sub(*this.written) >= OTHER_STREAMS;
            if !is_blocked && !is_next {
                tracing::debug!("stream reset: the client read nothing of the response for `write_timeout`");
                drop_because(Ended::TimedOut, || this.future.set(None));
                return Poll::Ready(());
            }
            *this.restarts += u8::from(!is_blocked);
            *this.written = written;
            timer.as_mut().reset(Instant::now() + limit);
        }
        Poll::Pending
    }
}
