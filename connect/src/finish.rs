//! Functions that are called when a response is finished: `on_finish`.

use std::fmt;
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use http_body::{Body as HttpBody, Frame, SizeHint};
use sync_wrapper::SyncWrapper;

use crate::Body;
use crate::connection::{Connection, Ended, dropped_because};
use crate::error::BoxError;

/// How a response ended; see [`res.on_finish`](crate::Response::on_finish).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finish {
    /// The status that was sent; `None` if the client disconnected before there was a response.
    pub status: Option<StatusCode>,
    /// How many bytes of the body were given to the connection.
    pub bytes: u64,
    /// The time since `on_finish` was called.
    pub duration: Duration,
    /// Whether that was the whole body: whether [`ended`](Finish::ended) is [`Ended::Complete`].
    ///
    /// With HTTP/1 it is `true` when the kernel has accepted the last byte, and with HTTP/2 when the connection has.
    /// Whether the client has received it is not known.
    pub complete: bool,
    /// Why the response ended: it is complete, or the client left, did not read it in time, the server shut down, or the body
    /// failed.
    pub ended: Ended,
}

/// The head of a response that is about to be sent; see [`res.on_head`](crate::Response::on_head).
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct SentHead<'a> {
    /// The status.
    pub status: StatusCode,
    /// The headers, without those that the connection adds: `Date`, `Connection`, and those of the body's framing.
    pub headers: &'a HeaderMap,
    /// The length of the body, in bytes, as the client learns it; `None` if it is not known, or there is no body at all.
    pub length: Option<u64>,
}

// Type-erased: only responses with `on_finish` have one.
type Callback = Box<dyn FnOnce(Finish) + Send>;

// Type-erased: only responses with `on_head` have one.
type HeadCallback = Box<dyn FnOnce(SentHead<'_>) + Send>;

/// The callbacks that wait for the end of a response. Dropped before that, they report that there was no response.
#[derive(Default)]
pub(crate) struct Waiting {
    /// Each with the time when it was added.
    callbacks: Vec<(Instant, SyncWrapper<Callback>)>,
    /// Those that wait for the head.
    for_head: Vec<SyncWrapper<HeadCallback>>,
    /// The connection that the response is sent on.
    connection: Option<Arc<Connection>>,
    /// Whether that is one of HTTP/1, which says when a response has been sent.
    tells: bool,
}

impl Waiting {
    /// Adds a function to be called.
    pub(crate) fn add(&mut self, call: impl FnOnce(Finish) + Send + 'static) {
        self.callbacks.push((Instant::now(), SyncWrapper::new(Box::new(call))));
    }

    /// Adds a function to be called with the head.
    pub(crate) fn add_for_head(&mut self, call: impl FnOnce(SentHead<'_>) + Send + 'static) {
        self.for_head.push(SyncWrapper::new(Box::new(call)));
    }

    /// Calls the functions that wait for the head.
    pub(crate) fn head(&mut self, status: StatusCode, headers: &HeaderMap, body: &Body, length: Option<u64>) {
        if self.for_head.is_empty() {
            return;
        }
        let bodiless = matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
        let length = length.or_else(|| body.size_hint().exact()).filter(|_| !bodiless);
        for call in mem::take(&mut self.for_head) {
            let head = SentHead { status, headers, length };
            let called = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| (call.into_inner())(head)));
            if called.is_err() {
                tracing::error!("a function given to `on_head` panicked");
            }
        }
    }

    /// Sets the connection that sends the response.
    pub(crate) fn goes_by(&mut self, connection: &Arc<Connection>, is_http1: bool) {
        (self.connection, self.tells) = (Some(Arc::clone(connection)), is_http1);
    }

    /// Why a response was dropped before its end.
    fn why_not(&self) -> Ended {
        let of_connection = || self.connection.as_ref().map(|connection| connection.sending.why_not());
        dropped_because().or_else(of_connection).unwrap_or_default()
    }

    /// Adds the callbacks of another.
    pub(crate) fn take_over(&mut self, other: &mut Waiting) {
        self.callbacks.append(&mut other.callbacks);
        self.for_head.append(&mut other.for_head);
    }

    fn finish(&mut self, status: Option<StatusCode>, bytes: u64, ended: Ended) {
        let complete = ended == Ended::Complete;
        for (start, call) in mem::take(&mut self.callbacks) {
            let finish = Finish { status, bytes, duration: start.elapsed(), complete, ended };
            let called =
                std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| (call.into_inner())(finish)));
            if called.is_err() {
                tracing::error!("a function given to `on_finish` panicked");
            }
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if !self.callbacks.is_empty() {
            self.finish(None, 0, self.why_not());
        }
    }
}

impl fmt::Debug for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Waiting({})", self.callbacks.len())
    }
}

/// A body that calls the callbacks when it ends.
pub(crate) struct Watched {
    body: Body,
    waiting: Waiting,
    status: StatusCode,
    bytes: u64,
    /// Whether the head is the whole response, so that the body is never polled.
    head_only: bool,
    /// The length in the head, or of the body: after that many bytes the body is not polled again.
    length: Option<u64>,
    /// Whether the body has returned its end.
    ended: bool,
    /// The body is being polled. Where that is seen from outside, it has panicked.
    polled: bool,
}

impl Watched {
    pub(crate) fn new(
        body: Body,
        waiting: Waiting,
        status: StatusCode,
        length: Option<u64>,
        method: &Method,
    ) -> Self {
        let bodiless = matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
        let length = length.or_else(|| body.size_hint().exact());
        Watched {
            body,
            waiting,
            status,
            bytes: 0,
            head_only: *method == Method::HEAD || bodiless,
            length,
            ended: false,
            polled: false,
        }
    }

    fn is_over(&self) -> bool {
        self.head_only || self.ended || self.body.is_end_stream() || self.length == Some(self.bytes)
    }

    /// The body panicked, or it has ended before the length that the head says, which closes the connection.
    fn has_failed(&self) -> bool {
        self.polled
            || (self.is_over() && !self.head_only && self.length.is_some_and(|length| self.bytes < length))
    }
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        self.polled = true;
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        self.polled = false;
        match &polled {
            Poll::Ready(Some(Ok(frame))) => {
                self.bytes += frame.data_ref().map_or(0, |data| data.len() as u64);
            }
            // The connection drops a body that failed, and it is not complete.
            Poll::Ready(Some(Err(_))) => {
                let (status, bytes) = (self.status, self.bytes);
                self.waiting.finish(Some(status), bytes, Ended::Failed);
            }
            Poll::Ready(None) => self.ended = true,
            Poll::Pending => {}
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        let (status, bytes) = (Some(self.status), self.bytes);
        let ended = match self.is_over() {
            _ if self.has_failed() => Ended::Failed,
            true => Ended::Complete,
            false => self.waiting.why_not(),
        };
        let connection = self.waiting.connection.take();
        match connection.filter(|_| ended == Ended::Complete && self.waiting.tells) {
            Some(connection) => {
                let mut waiting = mem::take(&mut self.waiting);
                connection.sending.when_sent(move |ended| waiting.finish(status, bytes, ended));
            }
            None => self.waiting.finish(status, bytes, ended),
        }
    }
}
