//! The streams of an HTTP/2 connection, a task each, and how long a client may leave a response untaken.
//!
//! A client that gives a stream no window holds its task and the response in it, and hyper waits without a limit. So the
//! tasks that hyper spawns are given one: a stream whose client takes nothing for the write timeout is dropped, which
//! resets it. The task learns from [`Sent`](super::requests::Sent), which hyper polls inside of it, whether it waits for the
//! client or for the handler.

use std::cell::Cell;
use std::pin::Pin;
use std::sync::Weak;
use std::task::{Context, Poll};
use std::time::Duration;

use pin_project_lite::pin_project;
use tokio::time::{Instant, Sleep};

use super::wire::Wire;
use crate::connection::{Ended, drop_because};

/// How much of a body a stream is given at once. h2 keeps what it is given until the client has window for it, and the stream's
/// task can be over by then.
pub(super) const PIECE: usize = 16 * 1024;

/// How many times the write timeout a stream may wait while the client takes others of its connection.
const TURNS: u8 = 4;

/// How many bytes the client has to take of others for that: more than the heads and resets of as many streams as there may be.
const OTHERS: u64 = 4 * PIECE as u64;

/// What a stream's task waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Waits {
    /// The handler, or the stream that is the body.
    Server,
    /// The client, since this piece of the response.
    Client(u32),
}

thread_local! {
    /// For the task that is polled by this thread.
    static WAITS: Cell<Waits> = const { Cell::new(Waits::Server) };
}

/// hyper has got a piece of the response, and asks for the next one when the client has taken it.
pub(super) fn given() {
    WAITS.set(match WAITS.get() {
        Waits::Server => Waits::Client(0),
        Waits::Client(piece) => Waits::Client(piece.wrapping_add(1)),
    });
}

/// hyper asks for a piece that is not there yet.
pub(super) fn asked() {
    WAITS.set(Waits::Server);
}

/// Spawns the tasks of a connection's streams.
#[derive(Clone)]
pub(super) struct Streams {
    pub(super) wire: Weak<Wire>,
    pub(super) write_timeout: Duration,
}

impl<F: Future<Output = ()> + Send + 'static> hyper::rt::Executor<F> for Streams {
    fn execute(&self, future: F) {
        let streams = self.clone();
        tokio::spawn(Timed {
            future: Some(future),
            streams,
            waits: Waits::Server,
            timer: None,
            written: 0,
            turns: 0,
        });
    }
}

pin_project! {
    /// A stream's task within the time for its client.
    struct Timed<F> {
        #[pin]
        future: Option<F>,
        streams: Streams,
        waits: Waits,
        // In a box, and made with the first wait: most streams never wait for their client.
        timer: Option<Pin<Box<Sleep>>>,
        // What the connection had written when the timer began, and how often it was begun anew for that.
        written: u64,
        turns: u8,
    }

    impl<F> PinnedDrop for Timed<F> {
        fn drop(this: Pin<&mut Self>) {
            // It is there where the runtime ends before the request.
            drop_because(Ended::Shutdown, || this.project().future.set(None));
        }
    }
}

impl<F: Future<Output = ()>> Future for Timed<F> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut this = self.project();
        let before = *this.waits;
        WAITS.set(before);
        // There until it is ready.
        let Some(future) = this.future.as_mut().as_pin_mut() else { return Poll::Ready(()) };
        if future.poll(cx).is_ready() {
            this.future.set(None);
            return Poll::Ready(());
        }
        *this.waits = WAITS.replace(Waits::Server);
        if *this.waits == Waits::Server {
            *this.timer = None;
            return Poll::Pending;
        }
        let limit = this.streams.write_timeout;
        let timer = this.timer.get_or_insert_with(|| Box::pin(tokio::time::sleep(limit)));
        let wire = || this.streams.wire.upgrade().map_or((false, 0), |wire| wire.out().progress());
        if *this.waits != before {
            timer.as_mut().reset(Instant::now() + limit);
            (*this.written, *this.turns) = (wire().1, 0);
        }
        while timer.as_mut().poll(cx).is_ready() {
            let (is_blocked, written) = wire();
            // Where the client takes nothing of the whole connection, that has a limit of its own. Where it takes other streams, this
            // one may wait for its turn, but not for ever.
            let is_next = *this.turns < TURNS && written.saturating_sub(*this.written) >= OTHERS;
            if !is_blocked && !is_next {
                tracing::debug!("stream reset: the client takes no more of the response");
                drop_because(Ended::TimedOut, || this.future.set(None));
                return Poll::Ready(());
            }
            *this.turns += u8::from(!is_blocked);
            *this.written = written;
            timer.as_mut().reset(Instant::now() + limit);
        }
        Poll::Pending
    }
}
