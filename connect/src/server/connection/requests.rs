//! Answering the requests of a connection.

use std::convert::Infallible;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{HeaderValue, StatusCode, Version, header};
use http_body::{Body as _, Frame, SizeHint};
use hyper::body::Incoming;

use super::io::ConnectionState;
#[cfg(feature = "http2")]
use super::streams;
use super::valid::{opens_unwanted_tunnel, rejected, rejection};
use crate::connection::{Ended, Stage, drop_because};
use crate::error::BoxError;
#[cfg(feature = "http2")]
use crate::error::chain;
use crate::server::answer::Answer;
#[cfg(feature = "http2")]
use crate::server::settings::Settings;
use crate::{Body, Request};

/// What the requests of a connection share. Each running request holds one `Arc` of it, so the count says whether any
/// is running.
pub(in crate::server) struct Serving<A> {
    pub(super) app: A,
    pub(super) state: Arc<ConnectionState>,
    #[cfg(feature = "http2")]
    pub(super) settings: Arc<Settings>,
}

/// The input and the output of a pooled request future. Only one task at a time uses it, so nothing ever waits for the
/// lock.
pub(in crate::server) struct Slot<A>(Mutex<SlotContent<A>>);

pub(super) struct SlotContent<A> {
    pub(super) request: Option<(Arc<Serving<A>>, http::Request<Incoming>)>,
    pub(super) response: Option<http::Response<SentBody>>,
}

impl<A> Slot<A> {
    pub(super) fn new() -> Self {
        Slot(Mutex::new(SlotContent { request: None, response: None }))
    }

    pub(super) fn content(&self) -> MutexGuard<'_, SlotContent<A>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the next request. No waker is kept: the caller that sets the request polls the future.
    #[inline]
    async fn request(&self) -> (Arc<Serving<A>>, http::Request<Incoming>) {
        let next = |_: &mut Context<'_>| self.content().request.take().map_or(Poll::Pending, Poll::Ready);
        std::future::poll_fn(next).await
    }

    #[inline]
    fn answer(&self, response: http::Response<SentBody>) {
        self.content().response = Some(response);
    }
}

/// Answers the requests that are put into a slot, one after another, without end.
pub(in crate::server) async fn answer_all<A: Answer>(slot: Arc<Slot<A>>) -> Infallible {
    loop {
        let response = {
            let (serving, req) = slot.request().await;
            let state = &serving.state;
            let mut req = Request::from_http(req, Body::from_client);
            req.set_connection(&state.connection);
            if req.version() < Version::HTTP_2 {
                req.body_mut().set_connection(&state.connection);
            }
            #[cfg(feature = "http2")]
            let exceeds_limit = exceeds_limit(&req, state, &serving.settings).await;
            #[cfg(not(feature = "http2"))]
            let exceeds_limit = None;
            let mut response = match exceeds_limit.or_else(|| rejection(&req)) {
                Some(status) => rejected(status, req.version()),
                None => serving.app.answer(&mut req).await,
            };
            if opens_unwanted_tunnel(&req, response.status()) {
                response = rejected(StatusCode::NOT_IMPLEMENTED, req.version());
            }
            let is_unread = !req.body().is_end_stream();
            if is_unread {
                state.set_unread();
            }
            if req.version() < Version::HTTP_2
                && (is_unread || state.connection.shutdown.has_reached(Stage::Closing))
            {
                // So that the client sends no further request, and hyper reads none (RFC 9112, section 9.6).
                response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
            }
            let buffer = response.body().as_bytes().map(Bytes::len);
            let is_events = buffer.is_none()
                && response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == EVENTS);
            let sent = response.map(|body| match buffer {
                // hyper takes a body of one buffer, or an empty one, in the same poll as the head.
                Some(_) => SentBody::at_once(body),
                None => SentBody::stream(body, state, is_events),
            });
            #[cfg(feature = "http2")]
            let sent = if req.version() == Version::HTTP_2 {
                streams::chunk_sent();
                let is_small = buffer.is_some_and(|length| length <= streams::CHUNK);
                // The body holds the connection's state, so that the connection is busy until the client has read it.
                if is_small {
                    sent.map(|sent| sent.kept(state))
                } else {
                    sent.map(|sent| sent.in_chunks(state))
                }
            } else {
                sent
            };
            sent
        };
        // Everything of the request is dropped before the client can see the response.
        slot.answer(response);
    }
}

/// The status that an HTTP/2 request is rejected with if its client exceeds a limit: too many headers, which hyper
/// counts in HTTP/1 alone, or more unread responses than `max_response_backlog` for longer than `write_timeout`.
#[cfg(feature = "http2")]
#[inline]
async fn exceeds_limit(req: &Request, state: &ConnectionState, settings: &Settings) -> Option<StatusCode> {
    if req.version() < Version::HTTP_2 {
        return None;
    }
    if req.headers().len() > settings.max_headers {
        return Some(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
    }
    let limit = settings.max_backlog;
    if !state.backlog.is_beyond(limit) {
        return None;
    }
    // Boxed, so that other requests do not carry its size.
    let in_time = Box::pin(tokio::time::timeout(settings.write_timeout, state.backlog.below(limit))).await;
    in_time.is_err().then_some(StatusCode::SERVICE_UNAVAILABLE)
}

/// The media type of [`Events`](crate::Events).
const EVENTS: &str = "text/event-stream";

/// A response body as hyper sends it.
pub(in crate::server) struct SentBody {
    body: Body,
    /// Held so that the connection does not count as idle.
    state: Option<Arc<ConnectionState>>,
    /// The server's shutdown, for a stream of events, which has no end of its own and whose client reconnects. Boxed
    /// and type-erased, as no other response has it.
    end: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    /// For HTTP/2. Boxed, so that other responses do not carry its size.
    #[cfg(feature = "http2")]
    chunks: Option<Box<Chunks>>,
}

impl SentBody {
    fn at_once(body: Body) -> Self {
        SentBody {
            body,
            state: None,
            end: None,
            #[cfg(feature = "http2")]
            chunks: None,
        }
    }

    fn stream(body: Body, state: &Arc<ConnectionState>, is_events: bool) -> Self {
        if is_events {
            // No client closes its half and keeps reading events without an end: it has disconnected.
            state.connection.half_close.stop_answering();
        }
        let end = is_events.then(|| Box::pin(state.connection.shutdown.wait_for(Stage::Closing)) as _);
        SentBody { state: Some(Arc::clone(state)), end, ..SentBody::at_once(body) }
    }

    /// The same for a stream of HTTP/2, which may wait until the client reads.
    #[cfg(feature = "http2")]
    fn kept(self, state: &Arc<ConnectionState>) -> Self {
        SentBody { state: Some(Arc::clone(state)), ..self }
    }

    /// The same for a body that is longer than a chunk.
    #[cfg(feature = "http2")]
    fn in_chunks(self, state: &Arc<ConnectionState>) -> Self {
        let kept = self.body.as_bytes().map_or(0, Bytes::len);
        state.backlog.add(kept);
        let chunks = Chunks { rest: Bytes::new(), kept, state: Arc::clone(state) };
        SentBody { chunks: Some(Box::new(chunks)), ..self.kept(state) }
    }

    /// The next frame of the body itself.
    #[inline]
    fn poll_body(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if self.state.is_none() {
            return Pin::new(&mut self.body).poll_frame(cx);
        }
        let polled = catch_unwind(AssertUnwindSafe(|| Pin::new(&mut self.body).poll_frame(cx)));
        let Ok(polled) = polled else {
            // It must not be polled again. An error ends this response alone; a panic would end the connection's task,
            // and with it the responses that are not written yet.
            self.body = Body::empty();
            return Poll::Ready(Some(Err("the stream of a response body panicked".into())));
        };
        if polled.is_pending() && self.end.as_mut().is_some_and(|end| end.as_mut().poll(cx).is_ready()) {
            let events = mem::take(&mut self.body);
            drop_because(Ended::Shutdown, || drop(events));
            return Poll::Ready(None);
        }
        polled
    }
}

/// A body that h2 gets in chunks, since it buffers what it gets until the client reads it.
#[cfg(feature = "http2")]
struct Chunks {
    /// The rest of the last frame.
    rest: Bytes,
    /// How many bytes are left of a body that was complete from the start, or of a frame longer than a chunk.
    kept: usize,
    state: Arc<ConnectionState>,
}

#[cfg(feature = "http2")]
impl Chunks {
    /// Returns the first chunk of a frame.
    fn begin(&mut self, data: Bytes) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if self.kept == 0 && data.len() > streams::CHUNK {
            self.kept = data.len();
            self.state.backlog.add(self.kept);
        }
        self.rest = data;
        self.next()
    }

    fn next(&mut self) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let chunk = self.rest.split_to(self.rest.len().min(streams::CHUNK));
        let taken = chunk.len().min(self.kept);
        if taken > 0 {
            self.kept -= taken;
            self.state.backlog.take(taken);
        }
        streams::chunk_sent();
        Poll::Ready(Some(Ok(Frame::data(chunk))))
    }
}

#[cfg(feature = "http2")]
impl Drop for Chunks {
    fn drop(&mut self) {
        if self.kept > 0 {
            self.state.backlog.take(self.kept);
        }
    }
}

impl http_body::Body for SentBody {
    type Data = Bytes;
    type Error = BoxError;

    #[inline]
    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = self.get_mut();
        #[cfg(feature = "http2")]
        if let Some(mut chunks) = this.chunks.take() {
            let polled = if chunks.rest.is_empty() { this.poll_body(cx) } else { chunks.next() };
            let polled = match polled {
                Poll::Ready(Some(Ok(frame))) if chunks.rest.is_empty() => match frame.into_data() {
                    Ok(data) => chunks.begin(data),
                    Err(trailers) => Poll::Ready(Some(Ok(trailers))),
                },
                Poll::Ready(Some(Err(err))) => {
                    // With HTTP/1 the connection ends, and says so.
                    let peer = chunks.state.connection.info.peer.map(tracing::field::display);
                    tracing::error!(peer, "a stream of HTTP/2 is reset: {}", chain(&*err));
                    Poll::Ready(Some(Err(err)))
                }
                Poll::Pending => {
                    streams::waits_for_handler();
                    Poll::Pending
                }
                polled => polled,
            };
            this.chunks = Some(chunks);
            return polled;
        }
        this.poll_body(cx)
    }

    #[inline]
    fn is_end_stream(&self) -> bool {
        #[cfg(feature = "http2")]
        if self.chunks.as_ref().is_some_and(|chunks| !chunks.rest.is_empty()) {
            return false;
        }
        self.body.is_end_stream()
    }

    #[inline]
    fn size_hint(&self) -> SizeHint {
        // hyper asks only before the first chunk.
        self.body.size_hint()
    }
}
