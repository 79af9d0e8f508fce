//! The task of a connection: hyper beside the limits of time.

use std::convert::Infallible;
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

#[cfg(feature = "http2")]
use super::pool::Pool;
use super::pool::{Pools, Requests};
use super::requests::Serving;
#[cfg(feature = "http2")]
use super::streams::Streams;
use super::wire::{Io, Wire};
use crate::connection::{Ended, Shutdown, Stage};
use crate::server::answer::Answer;
use crate::server::settings::Settings;

/// How long an idle connection stays open when the server closes, for the request that its client may be sending
/// right now.
const LAST_REQUEST: Duration = Duration::from_millis(250);

/// How long the last bytes may take that are written to a connection which is over.
const LAST_BYTES: Duration = Duration::from_secs(5);

/// How long a connection that is over stays open for what its client is still sending, so that the client reads the answer.
const LINGER: Duration = Duration::from_secs(30);

/// The same while nothing comes.
const LINGER_SILENT: Duration = Duration::from_secs(5);

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

#[expect(clippy::large_enum_variant, reason = "nearly all are the large one")]
enum Protocol<A, F: Future<Output = Infallible>> {
    Http1(http1::UpgradeableConnection<TokioIo<Io>, Requests<A, F>>),
    /// In a box: it is much larger than the other one, which would have to carry its size.
    #[cfg(feature = "http2")]
    Http2(Pin<Box<Http2<A>>>),
    /// While the one becomes the other, and at the end.
    None,
}

#[cfg(feature = "http2")]
type Http2<A> = hyper::server::conn::http2::Connection<
    TokioIo<Io>,
    Requests<A, dyn Future<Output = Infallible> + Send>,
    Streams,
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
    /// Since when no request has been answered, and how many there were then.
    idle: Option<(Instant, u32)>,
    /// Since when no more requests are taken.
    closed: Option<Instant>,
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
            true => Protocol::http2(io, serving_too, Arc::clone(&pools.http2)),
            _ => {
                let service = Requests { serving: serving_too, pool: pools.http1 };
                Protocol::Http1(settings.http1.serve_connection(TokioIo::new(io), service).with_upgrades())
            }
        };
        let clock = Clock {
            phase: Phase::Idle,
            progress: (0, 0),
            deadline: None,
            anew: false,
            idle: None,
            closed: None,
        };
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
                        self.clock.closed = Some(Instant::now());
                    }
                }
                if shutdown.is_at(Stage::Over) {
                    self.wire.connection.sending.ends_because(Ended::Shutdown);
                    return Poll::Ready(Ok(()));
                }
                if let Poll::Ready(result) = self.poll_protocol(cx) {
                    return Poll::Ready(result);
                }
                self.poll_limits(cx, timer.as_mut())
            })
            .await
        };
        // Whoever has the stream from here on is to know when its client closes it.
        self.wire.connection.half_close.stop_answering();
        // Then hyper may hold more, which is gone with it.
        let is_cut_off = self.wire.out().progress().0;
        if self.wire.out().ends() {
            let wire = &self.wire;
            let last = std::future::poll_fn(|cx| wire.out().poll_flush(cx));
            // Who has not taken them by then never will.
            if tokio::time::timeout(LAST_BYTES, last).await.is_err() {
                self.wire.connection.sending.ends_because(Ended::TimedOut);
            }
        }
        let is_sent = !is_cut_off && self.wire.out().is_empty();
        self.wire.connection.sending.settle(is_sent);
        let is_refused = result.as_ref().is_err_and(is_refused);
        if (is_refused || self.wire.is_unread())
            && let Some(io) = self.protocol.take_io()
        {
            // In a box, so that no other connection carries its size.
            Box::pin(linger(io, shutdown)).await;
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
        let mut out = self.wire.out();
        let polled = out.poll_gathered(cx);
        if let Poll::Ready(Err(err)) = polled {
            return Poll::Ready(Err(err));
        }
        let (is_blocked, sent) = (out.progress().0, out.sent());
        drop(out);
        // hyper may hold what was too long to be gathered.
        if polled.is_ready() && !is_blocked {
            self.wire.connection.sending.settle(true);
        } else {
            self.wire.connection.sending.settle_to(sent);
        }
        Poll::Pending
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
            self.protocol = Protocol::http2(parts.io.into_inner(), serving, pool);
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
            // This poll may have used up the task's budget, and then a timer would not keep the waker, but ask for another
            // poll, which has no reason to come by here.
            let _ = pin!(tokio::task::unconstrained(timer.as_mut())).poll(cx);
        }
        Poll::Pending
    }

    /// Says what the connection does, and if that is something new, how long it may.
    #[inline]
    fn look(&mut self) {
        let (is_blocked, written) = self.wire.out().progress();
        let is_http1 = self.protocol.is_http1();
        let is_busy = self.is_busy();
        let half_close = &self.wire.connection.half_close;
        if !is_busy && !is_blocked {
            half_close.stop_answering();
        }
        let is_half_closed = half_close.is_held();
        let phase = if is_blocked {
            Phase::Blocked
        } else if is_busy {
            Phase::Busy
        } else {
            if self.clock.phase == Phase::Busy {
                // What came meanwhile was the request's body.
                self.wire.set_fresh(false);
            }
            // A client of HTTP/2 may send other frames than those of requests.
            if self.wire.is_fresh() && is_http1 { Phase::Head } else { Phase::Idle }
        };
        let requests = self.wire.requests();
        // What is written to an idle client of HTTP/2 is no progress: it may send pings, and the server does. When it has been
        // told to leave, it may be the rest of its responses.
        let counts = phase != Phase::Idle || self.clock.closed.is_some();
        let progress = (requests, if counts { written } else { 0 });
        let is_news = is_half_closed && phase == Phase::Busy && self.clock.deadline.is_none();
        if phase == self.clock.phase && progress == self.clock.progress && !self.clock.anew && !is_news {
            return;
        }
        let now = Instant::now();
        // To take the answers to its pings slowly is no progress either.
        let idle = match self.clock.idle {
            _ if is_busy => None,
            Some(idle) if !is_http1 && idle.1 == requests => Some(idle),
            _ => Some((now, requests)),
        };
        let deadline = match phase {
            Phase::Busy if is_half_closed => Some(now + self.settings.half_close_timeout),
            Phase::Busy => None,
            Phase::Blocked => Some(now + self.settings.write_timeout),
            Phase::Idle if let Some(closed) = self.clock.closed => {
                let since = idle.map_or(closed, |idle| idle.0.max(closed));
                Some((now + LAST_BYTES).min(since + self.settings.write_timeout.max(LAST_BYTES)))
            }
            Phase::Head | Phase::Idle if self.closing => Some(now + LAST_REQUEST),
            Phase::Head => Some(now + self.settings.header_timeout),
            Phase::Idle => Some(idle.map_or(now, |idle| idle.0) + self.settings.keep_alive_timeout),
        };
        self.clock = Clock { phase, progress, deadline, anew: false, idle, closed: self.clock.closed };
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
            Phase::Busy => {
                // hyper finds that the client has left.
                self.wire.connection.half_close.stop_answering();
                Poll::Pending
            }
            // A client of HTTP/2 has been told, and has not agreed; or it does not take what is left of its responses.
            Phase::Idle if self.clock.closed.is_some() => {
                self.wire.connection.sending.ends_because(Ended::TimedOut);
                Poll::Ready(Ok(()))
            }
            Phase::Idle => {
                self.protocol.close();
                self.clock.closed = Some(Instant::now());
                self.clock.anew = true;
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
                self.wire.connection.sending.ends_because(Ended::TimedOut);
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
    ) -> Self {
        let settings = &serving.settings;
        let streams = Streams { wire: Arc::downgrade(&serving.wire), write_timeout: settings.write_timeout };
        let builder = settings.http2(streams);
        Protocol::Http2(Box::pin(builder.serve_connection(TokioIo::new(io), Requests { serving, pool })))
    }

    #[inline]
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<hyper::Result<()>> {
        match self {
            Protocol::Http1(connection) => Pin::new(connection).poll(cx),
            #[cfg(feature = "http2")]
            Protocol::Http2(connection) => connection.as_mut().poll(cx),
            Protocol::None => Poll::Ready(Ok(())),
        }
    }

    /// The stream of a connection that has spoken HTTP/1 to its end.
    fn take_io(&mut self) -> Option<Io> {
        match std::mem::replace(self, Protocol::None) {
            Protocol::Http1(connection) => Some(connection.into_parts()?.io.into_inner()),
            _ => None,
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
            Protocol::None => {}
        }
    }
}

/// Reads and forgets what the client is still sending, until it closes the connection as well. To close it with something left to
/// read would reset it, and the client might never read the answer (RFC 9112, section 9.6).
async fn linger(mut io: Io, shutdown: &Shutdown) {
    let forget = async {
        if std::future::poll_fn(|cx| Pin::new(&mut io).poll_shutdown(cx)).await.is_err() {
            return;
        }
        let mut rest = vec![0; 16 * 1024];
        loop {
            let read = std::future::poll_fn(|cx| {
                let mut rest = ReadBuf::new(&mut rest);
                Pin::new(&mut io).poll_read(cx, &mut rest).map_ok(|()| rest.filled().len())
            });
            if !matches!(tokio::time::timeout(LINGER_SILENT, read).await, Ok(Ok(1..))) {
                break;
            }
        }
    };
    let closing = async {
        shutdown.reaches(Stage::Closing).await;
        tokio::time::sleep(LAST_REQUEST).await;
    };
    tokio::select! {
        _ = tokio::time::timeout(LINGER, forget) => {}
        () = closing => {}
    }
}

fn timed_out(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, what)
}

/// Whether what the client sent was refused before the app saw it.
fn is_refused(err: &io::Error) -> bool {
    err.get_ref().and_then(|err| err.downcast_ref::<hyper::Error>()).is_some_and(hyper::Error::is_parse)
}

/// Whether it is a response that could not be sent, or a stream of ours that failed in the middle of one.
pub(super) fn is_ours(err: &io::Error) -> bool {
    err.get_ref().and_then(|err| err.downcast_ref::<hyper::Error>()).is_some_and(hyper::Error::is_user)
}
