//! What is done when an answer is over.

use std::fmt;
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Method, StatusCode};
use http_body::{Body as HttpBody, Frame, SizeHint};
use sync_wrapper::SyncWrapper;

use crate::Body;
use crate::connection::Connection;
use crate::error::BoxError;

/// How an answer ended; see [`res.on_finish`](crate::Response::on_finish).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finish {
    /// The status that was sent; nothing if the client left before there was an answer.
    pub status: Option<StatusCode>,
    /// The bytes of the body that were given to the connection.
    pub bytes: u64,
    /// The time since `on_finish` was called.
    pub duration: Duration,
    /// Whether that was all of the body. If not, the client left before, or the body failed.
    ///
    /// By HTTP/1 it is when the system has taken the last byte, and by HTTP/2 when the connection has. What comes after that, in
    /// the system and on the way, is not known: only the client knows what has come.
    pub complete: bool,
}

// Of whatever type a layer has: it is only there where one asked to be called.
type Callback = Box<dyn FnOnce(Finish) + Send>;

/// What waits for the end of an answer. Dropped, it was not answered at all.
#[derive(Default)]
pub(crate) struct Waiting {
    /// Each with the time when it was added.
    callbacks: Vec<(Instant, SyncWrapper<Callback>)>,
    /// The connection of HTTP/1 that the response is sent on.
    connection: Option<Arc<Connection>>,
}

impl Waiting {
    /// Adds a function to be called.
    pub(crate) fn add(&mut self, call: impl FnOnce(Finish) + Send + 'static) {
        self.callbacks.push((Instant::now(), SyncWrapper::new(Box::new(call))));
    }

    /// Sets the connection of HTTP/1 that the response is sent on.
    pub(crate) fn goes_by(&mut self, connection: &Arc<Connection>) {
        self.connection = Some(Arc::clone(connection));
    }

    /// Adds the callbacks of another.
    pub(crate) fn take_over(&mut self, other: &mut Waiting) {
        self.callbacks.append(&mut other.callbacks);
    }

    fn finish(&mut self, status: Option<StatusCode>, bytes: u64, complete: bool) {
        for (start, call) in mem::take(&mut self.callbacks) {
            let finish = Finish { status, bytes, duration: start.elapsed(), complete };
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
        self.finish(None, 0, false);
    }
}

impl fmt::Debug for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Waiting({})", self.callbacks.len())
    }
}

/// A body that tells when it is over.
pub(crate) struct Watched {
    body: Body,
    waiting: Waiting,
    status: StatusCode,
    bytes: u64,
    /// Nothing is asked for of the body: the head is all of the answer.
    head_only: bool,
    /// The length that the head says, or that the body has: nothing more is asked for then.
    length: Option<u64>,
    /// The body has said that it is over.
    ended: bool,
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
        }
    }

    fn is_over(&self) -> bool {
        self.head_only || self.ended || self.body.is_end_stream() || self.length == Some(self.bytes)
    }
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        match &polled {
            Poll::Ready(Some(Ok(frame))) => {
                self.bytes += frame.data_ref().map_or(0, |data| data.len() as u64);
            }
            // It failed: the connection drops it, and it is not complete.
            Poll::Ready(Some(Err(_))) => {
                let (status, bytes) = (self.status, self.bytes);
                self.waiting.finish(Some(status), bytes, false);
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
        let connection = self.waiting.connection.take();
        match connection.filter(|_| self.is_over()) {
            Some(connection) => {
                let mut waiting = mem::take(&mut self.waiting);
                connection.sending.when_sent(move |sent| waiting.finish(status, bytes, sent));
            }
            None => {
                let complete = self.is_over();
                self.waiting.finish(status, bytes, complete);
            }
        }
    }
}
