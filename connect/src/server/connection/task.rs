//! The task of a connection: hyper beside the limits of time.

use std::convert::Infallible;
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::time::{Instant, Sleep};

use super::Pools;
#[cfg(feature = "http2")]
use super::pool::Pool;
use super::pool::Requests;
use super::requests::Serving;
use super::wire::{Io, Wire};
use crate::connection::{Shutdown, Stage};
use crate::server::answer::Answer;
use crate::server::settings::Settings;

/// How long an idle connection stays open when the server closes, for the request that its client may be sending
/// right now.
const LAST_REQUEST: Duration = Duration::from_millis(250);

/// How long the last bytes may take that are written to a connection which is over.
const LAST_BYTES: Duration = Duration::from_secs(5);

/// To a client that began a request and did not get to its end (RFC 9110, section 15.5.9).
const TOO_SLOW: &[u8] = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

pub(super) struct Task<A, F: Future<Output = Infallible>> {
    protocol: Protocol<A, F>,
    /// For the requests of HTTP/2, should it be spoken.
    #[cfg(feature = "http2")]
    pool: Arc<Pool<A, dyn Future<Output = Infallible> + Send>>,
    serving: Arc<Serving<A>>,
    wire: Arc<Wire>,
    settings: Arc<Settings>,
    clock: Clock,
    /// Whether the server is closing, and the connection knows.
    closing: bool,
}

#[cfg_attr(feature = "http2", expect(clippy::large_enum_variant, reason = "nearly all are the large one"))]
enum Protocol<A, F: Future<Output = Infallible>> {
    Http1(http1::UpgradeableConnection<TokioIo<Io>, Requests<A, F>>),
    /// In a box: it is much larger than the other one, which would have to carry its size.
    #[cfg(feature = "http2")]
    Http2(Pin<Box<Http2<A>>>),
    /// While the one becomes the other.
    #[cfg(feature = "http2")]
    None,
}

#[cfg(feature = "http2")]
type Http2<A> = hyper::server::conn::http2::Connection<
    TokioIo<Io>,
    Requests<A, dyn Future<Output = Infallible> + Send>,
    hyper_util::rt::TokioExecutor,
>;

/// What a connection does at present, as far as it matters how long it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Nothing has come since the last answer.
    Idle,
    /// A part of a head is there.
    Head,
    /// A request is being answered. It is for its layers, and the limits of its body, how long it takes.
    Busy,
    /// The client does not take what is written.
    Blocked,
}

/// Since when a connection has been in a phase, as the time when that is too long.
struct Clock {
    phase: Phase,
    /// What would show that something happened in between: how many requests there were, how much was written.
    progress: (u32, u64),
    deadline: Option<Instant>,
    /// The limits have changed.
    anew: bool,
}

impl<A: Answer, F: Future<Output = Infallible>> Task<A, F> {
    pub(super) fn new(
        serving: Arc<Serving<A>>,
        wire: Arc<Wire>,
        settings: Arc<Settings>,
        io: Io,
        pools: Pools<A, F>,
        is_http2: bool,
    ) -> Self {
        let serving_too = Arc::clone(&serving);
        let protocol = match is_http2 {
            #[cfg(feature = "http2")]
            true => Protocol::http2(io, serving_too, Arc::clone(&pools.http2), &settings),
            _ => {
                let service = Requests { serving: serving_too, pool: pools.http1 };
                Protocol::Http1(settings.http1.serve_connection(TokioIo::new(io), service).with_upgrades())
            }
        };
        let clock = Clock { phase: Phase::Idle, progress: (0, 0), deadline: None, anew: false };
        Task {
            protocol,
            #[cfg(feature = "http2")]
            pool: pools.http2,
            serving,
            wire,
            settings,
            clock,
            closing: false,
        }
    }

    /// Lent, since an `async fn` has room for what it is given, and for what it makes of it.
    pub(super) async fn run(&mut self, shutdown: &Shutdown) -> io::Result<()> {
        let result = {
            let mut timer = pin!(tokio::time::sleep(self.settings.header_timeout));
            // Told of the stages between, too.
            let mut stage = pin!(shutdown.reaches(Stage::Closing));
            self.clock.deadline = Some(timer.deadline());
            let mut asked = false;
            std::future::poll_fn(|cx| {
                if !asked {
                    // A task has one waker for as long as it lives: what has it need not be given it with each poll.
                    // What is ready already is seen below.
                    asked = true;
                    let _ = timer.as_mut().poll(cx);
                    let _ = stage.as_mut().poll(cx);
                }
                if shutdown.is_at(Stage::Closing) && !self.closing {
                    self.closing = true;
                    self.clock.anew = true;
                    stage.set(shutdown.reaches(Stage::Over));
                    let _ = stage.as_mut().poll(cx);
                    if !self.protocol.is_http1() {
                        // HTTP/2 says which requests were taken: none is lost.
                        self.protocol.close();
                    }
                }
                if shutdown.is_at(Stage::Over) {
                    return Poll::Ready(Ok(()));
                }
                if let Poll::Ready(result) = self.poll_protocol(cx) {
                    return Poll::Ready(result);
                }
                self.poll_limits(cx, timer.as_mut())
            })
            .await
        };
        if self.wire.out().ends() {
            let wire = &self.wire;
            let last = std::future::poll_fn(|cx| wire.out().poll_flush(cx));
            // Who has not taken them by then never will.
            let _ = tokio::time::timeout(LAST_BYTES, last).await;
        }
        result
    }

    /// Lets hyper do what it can, and writes what came of it.
    #[inline]
    fn poll_protocol(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            // The rest of what a slow client has not taken yet: first it, and then more.
            if let Poll::Ready(Err(err)) = self.wire.out().poll_empty(cx) {
                return Poll::Ready(Err(err));
            }
            if let Poll::Ready(result) = self.protocol.poll(cx) {
                return Poll::Ready(result.map_err(io::Error::other));
            }
            if !self.change_protocol() {
                break;
            }
        }
        match self.wire.out().poll_gathered(cx) {
            Poll::Ready(Err(err)) => Poll::Ready(Err(err)),
            _ => Poll::Pending,
        }
    }

    /// If the first bytes were those of HTTP/2, hyper's other half gets the stream.
    #[inline]
    fn change_protocol(&mut self) -> bool {
        #[cfg(feature = "http2")]
        if self.wire.is_http2()
            && matches!(self.protocol, Protocol::Http1(_))
            && let Protocol::Http1(connection) = std::mem::replace(&mut self.protocol, Protocol::None)
            && let Some(parts) = connection.into_parts()
        {
            self.wire.out().stop_gathering();
            let (serving, pool) = (parts.service.serving, Arc::clone(&self.pool));
            self.protocol = Protocol::http2(parts.io.into_inner(), serving, pool, &self.settings);
            return true;
        }
        false
    }

    /// Ready if the connection has used up its time, or is told that it will.
    #[inline]
    fn poll_limits(&mut self, cx: &mut Context<'_>, mut timer: Pin<&mut Sleep>) -> Poll<io::Result<()>> {
        self.look();
        let Some(deadline) = self.clock.deadline else { return Poll::Pending };
        while timer.is_elapsed() || timer.deadline() > deadline {
            if timer.is_elapsed() && Instant::now() >= deadline {
                return self.too_late(cx);
            }
            timer.as_mut().reset(deadline);
            let _ = timer.as_mut().poll(cx);
        }
        Poll::Pending
    }

    /// Says what the connection does, and if that is something new, how long it may.
    #[inline]
    fn look(&mut self) {
        let (is_blocked, written) = self.wire.out().progress();
        let phase = if is_blocked {
            Phase::Blocked
        } else if self.is_busy() {
            Phase::Busy
        } else {
            if self.clock.phase == Phase::Busy {
                // What came meanwhile was the request's body.
                self.wire.set_fresh(false);
            }
            // A client of HTTP/2 may send other frames than those of requests.
            if self.wire.is_fresh() && self.protocol.is_http1() { Phase::Head } else { Phase::Idle }
        };
        let progress = (self.wire.requests(), written);
        if phase != self.clock.phase || progress != self.clock.progress || self.clock.anew {
            let limit = match phase {
                Phase::Busy => None,
                Phase::Head => Some(self.settings.header_timeout),
                Phase::Blocked => Some(self.settings.write_timeout),
                Phase::Idle if self.closing => Some(LAST_REQUEST),
                Phase::Idle => Some(self.settings.keep_alive_timeout),
            };
            let deadline = limit.map(|limit| Instant::now() + limit);
            self.clock = Clock { phase, progress, deadline, anew: false };
        }
    }

    /// Whether a request is being answered, or the body of an answer is on its way.
    #[inline]
    fn is_busy(&self) -> bool {
        // This task and hyper's service have one, and so has each request. This task, `serving` and hyper's end have
        // one, and so has a body. The wire has one, and so has a WebSocket that is a stream of HTTP/2.
        Arc::strong_count(&self.serving) > 2
            || Arc::strong_count(&self.wire) > 3
            || Arc::strong_count(&self.wire.connection) > 1
    }

    fn too_late(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.clock.deadline = None;
        match self.clock.phase {
            Phase::Idle | Phase::Busy => {
                self.protocol.close();
                // hyper ends it with its next poll.
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            Phase::Head => {
                self.wire.out().push(TOO_SLOW);
                Poll::Ready(Err(timed_out("the client was too slow to send a request")))
            }
            Phase::Blocked => {
                self.wire.out().give_up();
                Poll::Ready(Err(timed_out("the client takes no more of the answer")))
            }
        }
    }
}

impl<A: Answer, F: Future<Output = Infallible>> Protocol<A, F> {
    #[cfg(feature = "http2")]
    fn http2(
        io: Io,
        serving: Arc<Serving<A>>,
        pool: Arc<Pool<A, dyn Future<Output = Infallible> + Send>>,
        settings: &Settings,
    ) -> Self {
        let service = Requests { serving, pool };
        Protocol::Http2(Box::pin(settings.http2_builder.serve_connection(TokioIo::new(io), service)))
    }

    #[inline]
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<hyper::Result<()>> {
        match self {
            Protocol::Http1(connection) => Pin::new(connection).poll(cx),
            #[cfg(feature = "http2")]
            Protocol::Http2(connection) => connection.as_mut().poll(cx),
            #[cfg(feature = "http2")]
            Protocol::None => Poll::Ready(Ok(())),
        }
    }

    #[inline]
    fn is_http1(&self) -> bool {
        matches!(self, Protocol::Http1(_))
    }

    /// No more requests after those that have begun.
    fn close(&mut self) {
        match self {
            Protocol::Http1(connection) => Pin::new(connection).graceful_shutdown(),
            #[cfg(feature = "http2")]
            Protocol::Http2(connection) => connection.as_mut().graceful_shutdown(),
            #[cfg(feature = "http2")]
            Protocol::None => {}
        }
    }
}

fn timed_out(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, what)
}

/// Whether it is a response that could not be sent, or a stream of ours that failed in the middle of one.
pub(super) fn is_ours(err: &io::Error) -> bool {
    err.get_ref().and_then(|err| err.downcast_ref::<hyper::Error>()).is_some_and(hyper::Error::is_user)
}
