//! The task of a connection: hyper's connection and the timeouts.

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

use super::io::{ConnectionState, Io};
#[cfg(feature = "http2")]
use super::pool::FuturePool;
use super::pool::{FuturePools, RequestService};
use super::requests::Serving;
#[cfg(feature = "http2")]
use super::streams::StreamExecutor;
use crate::connection::{Ended, Shutdown, Stage, drop_because};
use crate::server::answer::Answer;
use crate::server::settings::Settings;

/// How long an idle connection stays open when the server shuts down, for a request that may be on its way.
const LAST_REQUEST: Duration = Duration::from_millis(250);

/// How long writing the last bytes of a finished connection may take.
const LAST_BYTES: Duration = Duration::from_secs(5);

/// How long a finished connection keeps reading what its client still sends, so that the client reads the response
/// (nginx's `lingering_time`).
const LINGER: Duration = Duration::from_secs(30);

/// The same while nothing arrives (nginx's `lingering_timeout`).
const LINGER_IDLE: Duration = Duration::from_secs(5);

/// The response to a client that did not complete a request head in time (RFC 9110, section 15.5.9).
const REQUEST_TIMEOUT: &[u8] =
    b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

pub(super) struct ConnectionTask<A, F: Future<Output = Infallible>> {
    protocol: Protocol<A, F>,
    /// For the requests of a connection that turns out to be HTTP/2.
    #[cfg(feature = "http2")]
    pool: Arc<FuturePool<A, dyn Future<Output = Infallible> + Send>>,
    serving: Arc<Serving<A>>,
    state: Arc<ConnectionState>,
    settings: Arc<Settings>,
    clock: Clock,
    /// Whether the connection has begun to shut down with the server.
    closing: bool,
}

#[expect(clippy::large_enum_variant, reason = "nearly all are the large one")]
enum Protocol<A, F: Future<Output = Infallible>> {
    Http1(http1::UpgradeableConnection<TokioIo<Io>, RequestService<A, F>>),
    /// Boxed, as it is much larger than the other variant.
    #[cfg(feature = "http2")]
    Http2(Pin<Box<Http2<A>>>),
    /// While HTTP/1 is replaced by HTTP/2, and at the end.
    None,
}

#[cfg(feature = "http2")]
type Http2<A> = hyper::server::conn::http2::Connection<
    TokioIo<Io>,
    RequestService<A, dyn Future<Output = Infallible> + Send>,
    StreamExecutor,
>;

/// What a connection is doing, which decides its timeout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Nothing has arrived since the last response.
    Idle,
    /// A part of a request head has arrived.
    Head,
    /// A request is being answered. Its layers and the timeouts of its body decide how long it may take.
    Busy,
    /// The client does not read what is written.
    Blocked,
}

/// The phase of a connection, and the deadline of the phase.
struct Clock {
    phase: Phase,
    /// Shows progress within a phase: the number of requests, and of bytes written.
    progress: (u32, u64),
    deadline: Option<Instant>,
    /// Whether the timeouts have changed, so that the deadline has to be computed again.
    limits_changed: bool,
    /// Since when the connection has been idle, and the number of requests then.
    idle: Option<(Instant, u32)>,
    /// Since when no more requests are accepted.
    closed: Option<Instant>,
}

impl<A: Answer, F: Future<Output = Infallible>> ConnectionTask<A, F> {
    pub(super) fn new(
        serving: Arc<Serving<A>>,
        state: Arc<ConnectionState>,
        settings: Arc<Settings>,
        io: Io,
        pools: FuturePools<A, F>,
        is_http2: bool,
    ) -> Self {
        let serving_too = Arc::clone(&serving);
        let protocol = match is_http2 {
            #[cfg(feature = "http2")]
            true => Protocol::http2(io, serving_too, Arc::clone(&pools.http2)),
            _ => {
                let service = RequestService { serving: serving_too, pool: pools.http1 };
                Protocol::Http1(settings.http1.serve_connection(TokioIo::new(io), service).with_upgrades())
            }
        };
        let clock = Clock {
            phase: Phase::Idle,
            progress: (0, 0),
            deadline: None,
            limits_changed: false,
            idle: None,
            closed: None,
        };
        ConnectionTask {
            protocol,
            #[cfg(feature = "http2")]
            pool: pools.http2,
            serving,
            state,
            settings,
            clock,
            closing: false,
        }
    }

    /// Takes `&mut self`, because a future that owned the task would reserve space for it twice.
    pub(super) async fn run(&mut self, shutdown: &Shutdown) -> io::Result<()> {
        let result = {
            let mut timer = pin!(tokio::time::sleep(self.settings.header_timeout));
            // It wakes the task; the stage itself is read below.
            let mut stage = pin!(shutdown.wait_for(Stage::Closing));
            self.clock.deadline = Some(timer.deadline());
            let mut asked = false;
            std::future::poll_fn(|cx| {
                if !asked {
                    // A task has the same waker for as long as it lives, so one poll registers it. What is ready
                    // already is seen below.
                    asked = true;
                    let _ = timer.as_mut().poll(cx);
                    let _ = stage.as_mut().poll(cx);
                }
                if shutdown.has_reached(Stage::Closing) && !self.closing {
                    self.closing = true;
                    self.clock.limits_changed = true;
                    stage.set(shutdown.wait_for(Stage::Stopped));
                    let _ = stage.as_mut().poll(cx);
                    if !self.protocol.is_http1() {
                        // HTTP/2's GOAWAY says which requests were accepted, so none is lost.
                        self.protocol.close();
                        self.clock.closed = Some(Instant::now());
                    }
                }
                if shutdown.has_reached(Stage::Stopped) {
                    self.state.connection.sending.ends_because(Ended::Shutdown);
                    return Poll::Ready(Ok(()));
                }
                if let Poll::Ready(result) = self.poll_protocol(cx) {
                    return Poll::Ready(result);
                }
                self.poll_limits(cx, timer.as_mut())
            })
            .await
        };
        // The owner of an upgraded stream has to see when its client closes it.
        self.state.connection.half_close.stop_answering();
        // If writing is blocked, hyper may hold more, which is dropped with it.
        let is_cut_off = self.state.write_buffer().progress().0;
        if self.state.write_buffer().finish() {
            let state = &self.state;
            let last = std::future::poll_fn(|cx| state.write_buffer().poll_flush(cx));
            // A client that has not read them by then is not waited for, and none once the server's own time is over.
            let patience = if shutdown.has_reached(Stage::Stopped) { Duration::ZERO } else { LAST_BYTES };
            if tokio::time::timeout(patience, last).await.is_err() {
                self.state.connection.sending.ends_because(Ended::TimedOut);
            }
        }
        let is_sent = !is_cut_off && self.state.write_buffer().is_empty();
        self.state.connection.sending.settle(is_sent);
        let is_rejected = result.as_ref().is_err_and(is_rejected);
        if (is_rejected || self.state.is_unread())
            && let Some(io) =
                drop_because(self.state.connection.sending.why_not(), || self.protocol.take_io())
        {
            // Boxed, so that other connections do not carry its size.
            Box::pin(linger(io, shutdown)).await;
        }
        result
    }

    /// Polls hyper's connection, and writes what it produced.
    #[inline]
    fn poll_protocol(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            // The rest of an earlier write goes first.
            if let Poll::Ready(Err(err)) = self.state.write_buffer().poll_write_buffer(cx) {
                return Poll::Ready(Err(err));
            }
            if let Poll::Ready(result) = self.protocol.poll(cx) {
                return Poll::Ready(result.map_err(io::Error::other));
            }
            if !self.change_protocol() {
                break;
            }
        }
        let mut buffer = self.state.write_buffer();
        let polled = buffer.poll_write_all(cx);
        if let Poll::Ready(Err(err)) = polled {
            return Poll::Ready(Err(err));
        }
        let (is_blocked, sent) = (buffer.progress().0, buffer.sent());
        drop(buffer);
        // If writing is blocked, hyper may hold what was too long for the buffer.
        if polled.is_ready() && !is_blocked {
            self.state.connection.sending.settle(true);
        } else {
            self.state.connection.sending.settle_to(sent);
        }
        Poll::Pending
    }

    /// If the connection began with HTTP/2's preface, replaces hyper's HTTP/1 connection by an HTTP/2 one.
    #[inline]
    fn change_protocol(&mut self) -> bool {
        #[cfg(feature = "http2")]
        if self.state.is_http2()
            && matches!(self.protocol, Protocol::Http1(_))
            && let Protocol::Http1(connection) = std::mem::replace(&mut self.protocol, Protocol::None)
            && let Some(parts) = connection.into_parts()
        {
            self.state.write_buffer().stop_gathering();
            let (serving, pool) = (parts.service.serving, Arc::clone(&self.pool));
            self.protocol = Protocol::http2(parts.io.into_inner(), serving, pool);
            return true;
        }
        false
    }

    /// Ready if the deadline of the connection has passed and it has to be closed.
    #[inline]
    fn poll_limits(&mut self, cx: &mut Context<'_>, mut timer: Pin<&mut Sleep>) -> Poll<io::Result<()>> {
        self.update_deadline();
        let Some(deadline) = self.clock.deadline else { return Poll::Pending };
        while timer.is_elapsed() || timer.deadline() > deadline {
            if timer.is_elapsed() && Instant::now() >= deadline {
                return self.on_deadline(cx);
            }
            timer.as_mut().reset(deadline);
            // This poll may have used up the task's budget. A timer would then wake the task at once, without
            // registering the waker for its deadline.
            let _ = pin!(tokio::task::unconstrained(timer.as_mut())).poll(cx);
        }
        Poll::Pending
    }

    /// Determines the phase, and computes the deadline if the phase changed or there was progress.
    #[inline]
    fn update_deadline(&mut self) {
        let (is_blocked, written) = self.state.write_buffer().progress();
        let is_http1 = self.protocol.is_http1();
        let is_busy = self.is_busy();
        let half_close = &self.state.connection.half_close;
        if !is_busy && !is_blocked {
            half_close.stop_answering();
        }
        let is_half_closed = half_close.is_hidden();
        let phase = if is_blocked {
            Phase::Blocked
        } else if is_busy {
            Phase::Busy
        } else {
            if self.clock.phase == Phase::Busy {
                // What arrived meanwhile was the request's body.
                self.state.set_fresh(false);
            }
            // An HTTP/2 client may send frames other than those of requests.
            if self.state.is_fresh() && is_http1 { Phase::Head } else { Phase::Idle }
        };
        let requests = self.state.requests();
        // Bytes written to an idle HTTP/2 client are no progress: they may be pings or answers to pings. After the
        // GOAWAY they may be the rest of its responses.
        let counts = phase != Phase::Idle || self.clock.closed.is_some();
        let progress = (requests, if counts { written } else { 0 });
        let is_half_close_new = is_half_closed && phase == Phase::Busy && self.clock.deadline.is_none();
        if phase == self.clock.phase
            && progress == self.clock.progress
            && !self.clock.limits_changed
            && !is_half_close_new
        {
            return;
        }
        let now = Instant::now();
        // Reading the answers to its pings slowly is no progress either.
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
        self.clock =
            Clock { phase, progress, deadline, limits_changed: false, idle, closed: self.clock.closed };
    }

    /// Whether a request is being answered, or a response body is being sent.
    #[inline]
    fn is_busy(&self) -> bool {
        // `serving` is held by this task, hyper's service and each request; the state by this task, `serving`, hyper's
        // `Io` and each body; the connection by the state and by a WebSocket over HTTP/2.
        Arc::strong_count(&self.serving) > 2
            || Arc::strong_count(&self.state) > 3
            || Arc::strong_count(&self.state.connection) > 1
    }

    fn on_deadline(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.clock.deadline = None;
        match self.clock.phase {
            Phase::Busy => {
                // hyper learns that the client has disconnected, and drops the handler.
                self.state.connection.half_close.stop_answering();
                Poll::Pending
            }
            // The HTTP/2 client has not answered the GOAWAY, or does not read the rest of its responses.
            Phase::Idle if self.clock.closed.is_some() => {
                self.state.connection.sending.ends_because(Ended::TimedOut);
                Poll::Ready(Ok(()))
            }
            Phase::Idle => {
                self.protocol.close();
                self.clock.closed = Some(Instant::now());
                self.clock.limits_changed = true;
                // hyper closes the connection at its next poll.
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            Phase::Head => {
                self.state.write_buffer().push(REQUEST_TIMEOUT);
                Poll::Ready(Err(timed_out(
                    "the client did not send a complete request head within `header_timeout`",
                )))
            }
            Phase::Blocked => {
                self.state.write_buffer().abort();
                self.state.connection.sending.ends_because(Ended::TimedOut);
                Poll::Ready(Err(timed_out("the client read nothing of the response for `write_timeout`")))
            }
        }
    }
}

impl<A: Answer, F: Future<Output = Infallible>> Protocol<A, F> {
    #[cfg(feature = "http2")]
    fn http2(
        io: Io,
        serving: Arc<Serving<A>>,
        pool: Arc<FuturePool<A, dyn Future<Output = Infallible> + Send>>,
    ) -> Self {
        let settings = &serving.settings;
        let streams = StreamExecutor {
            state: Arc::downgrade(&serving.state),
            connection: Arc::downgrade(&serving.state.connection),
            write_timeout: settings.write_timeout,
        };
        let builder = settings.http2(streams);
        Protocol::Http2(Box::pin(
            builder.serve_connection(TokioIo::new(io), RequestService { serving, pool }),
        ))
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

    /// The stream of an HTTP/1 connection that has ended.
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

    /// Accepts no more requests after those that have begun.
    fn close(&mut self) {
        match self {
            Protocol::Http1(connection) => Pin::new(connection).graceful_shutdown(),
            #[cfg(feature = "http2")]
            Protocol::Http2(connection) => connection.as_mut().graceful_shutdown(),
            Protocol::None => {}
        }
    }
}

/// Reads and drops what the client is still sending, until it closes the connection too. Closing with unread bytes
/// would reset the connection, and the client might never read the response (RFC 9112, section 9.6).
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
            if !matches!(tokio::time::timeout(LINGER_IDLE, read).await, Ok(Ok(1..))) {
                break;
            }
        }
    };
    let closing = async {
        shutdown.wait_for(Stage::Closing).await;
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

/// Whether hyper rejected what the client sent.
fn is_rejected(err: &io::Error) -> bool {
    err.get_ref().and_then(|err| err.downcast_ref::<hyper::Error>()).is_some_and(hyper::Error::is_parse)
}

/// Whether the error is the server's: a response that could not be sent, or a body stream that failed.
pub(super) fn is_server_error(err: &io::Error) -> bool {
    err.get_ref().and_then(|err| err.downcast_ref::<hyper::Error>()).is_some_and(hyper::Error::is_user)
}
