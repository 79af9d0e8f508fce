//! The requests of a connection, on their way to the app and back.

use std::convert::Infallible;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{HeaderValue, StatusCode, Version, header};
use http_body::{Body as _, Frame, SizeHint};
use hyper::body::Incoming;

#[cfg(feature = "http2")]
use super::streams;
use super::valid::{opens_unwanted_tunnel, refusal, refused};
use super::wire::Wire;
use crate::connection::Stage;
use crate::error::BoxError;
use crate::server::answer::Answer;
#[cfg(feature = "http2")]
use crate::server::settings::Settings;
use crate::{Body, Request};

/// What all requests of a connection have in common. Each has one pointer to it, which also says that it runs.
pub(in crate::server) struct Serving<A> {
    pub(super) app: A,
    pub(super) wire: Arc<Wire>,
    #[cfg(feature = "http2")]
    pub(super) settings: Arc<Settings>,
}

/// What goes into a future that answers requests, and what comes out. One task at a time has it, and so the lock is never waited for.
pub(in crate::server) struct Exchange<A>(Mutex<Slots<A>>);

pub(super) struct Slots<A> {
    pub(super) request: Option<(Arc<Serving<A>>, http::Request<Incoming>)>,
    pub(super) response: Option<http::Response<Sent>>,
}

impl<A> Exchange<A> {
    pub(super) fn new() -> Self {
        Exchange(Mutex::new(Slots { request: None, response: None }))
    }

    pub(super) fn slots(&self) -> MutexGuard<'_, Slots<A>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next request. Nobody is woken for it: who brings it polls the future.
    #[inline]
    async fn request(&self) -> (Arc<Serving<A>>, http::Request<Incoming>) {
        let next = |_: &mut Context<'_>| self.slots().request.take().map_or(Poll::Pending, Poll::Ready);
        std::future::poll_fn(next).await
    }

    #[inline]
    fn answer(&self, response: http::Response<Sent>) {
        self.slots().response = Some(response);
    }
}

/// Answers the requests that come to an exchange, one after the other and without an end.
pub(in crate::server) async fn answer_all<A: Answer>(exchange: Arc<Exchange<A>>) -> Infallible {
    loop {
        let response = {
            let (serving, req) = exchange.request().await;
            let wire = &serving.wire;
            let mut req = Request::from_http(req, Body::from_client);
            req.set_connection(&wire.connection);
            if req.version() < Version::HTTP_2 {
                req.body_mut().set_connection(&wire.connection);
            }
            #[cfg(feature = "http2")]
            let too_much = too_much(&req, wire, &serving.settings).await;
            #[cfg(not(feature = "http2"))]
            let too_much = None;
            let mut response = match too_much.or_else(|| refusal(&req)) {
                Some(status) => refused(status, req.version()),
                None => serving.app.answer(&mut req).await,
            };
            if opens_unwanted_tunnel(&req, response.status()) {
                response = refused(StatusCode::NOT_IMPLEMENTED, req.version());
            }
            let is_unread = !req.body().is_end_stream();
            if is_unread {
                wire.set_unread();
            }
            if req.version() < Version::HTTP_2
                && (is_unread || wire.connection.shutdown.is_at(Stage::Closing))
            {
                // So that the client sends no other one, and hyper reads none (RFC 9112, section 9.6).
                response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
            }
            let buffer = response.body().as_bytes().map(Bytes::len);
            let is_events = buffer.is_none()
                && response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == EVENTS);
            let sent = response.map(|body| match buffer {
                // hyper takes one buffer, or nothing, in the same poll as the head.
                Some(_) => Sent::at_once(body),
                None => Sent::stream(body, wire, is_events),
            });
            #[cfg(feature = "http2")]
            let sent = if req.version() == Version::HTTP_2 {
                streams::given();
                let is_small = buffer.is_some_and(|length| length <= streams::PIECE);
                // With what keeps the connection busy until the client has taken it.
                if is_small {
                    sent.map(|sent| sent.kept(wire))
                } else {
                    sent.map(|sent| sent.in_pieces(wire))
                }
            } else {
                sent
            };
            sent
        };
        // Nothing is left here of the request when the client can know the answer.
        exchange.answer(response);
    }
}

/// The status that a request of HTTP/2 is refused with for what its client asks of the server: too many headers, which hyper
/// counts in HTTP/1 alone; or more responses than it takes, for which it is waited.
#[cfg(feature = "http2")]
#[inline]
async fn too_much(req: &Request, wire: &Wire, settings: &Settings) -> Option<StatusCode> {
    if req.version() < Version::HTTP_2 {
        return None;
    }
    if req.headers().len() > settings.max_headers {
        return Some(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
    }
    let limit = settings.max_backlog;
    if !wire.backlog.is_beyond(limit) {
        return None;
    }
    // In a box, so that no other request carries its size.
    let in_time = Box::pin(tokio::time::timeout(settings.write_timeout, wire.backlog.below(limit))).await;
    in_time.is_err().then_some(StatusCode::SERVICE_UNAVAILABLE)
}

/// What [`Events`](crate::Events) are sent as.
const EVENTS: &str = "text/event-stream";

/// A body on its way to the client.
pub(in crate::server) struct Sent {
    body: Body,
    /// So that the connection does not count as idle.
    wire: Option<Arc<Wire>>,
    /// The end of the server, for a stream of events: it has none of its own, and the client comes back by itself. In a
    /// box without its type, which no other answer has.
    end: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    /// On a stream of HTTP/2. In a box, so that no other answer carries its size.
    #[cfg(feature = "http2")]
    pieces: Option<Box<Pieces>>,
}

impl Sent {
    fn at_once(body: Body) -> Self {
        Sent {
            body,
            wire: None,
            end: None,
            #[cfg(feature = "http2")]
            pieces: None,
        }
    }

    fn stream(body: Body, wire: &Arc<Wire>, is_events: bool) -> Self {
        if is_events {
            // No client closes its half and reads on for events without an end: it has left.
            wire.connection.half_close.stop_answering();
        }
        let end = is_events.then(|| Box::pin(wire.connection.shutdown.reaches(Stage::Closing)) as _);
        Sent { wire: Some(Arc::clone(wire)), end, ..Sent::at_once(body) }
    }

    /// The same on a stream of HTTP/2, which may wait for its client.
    #[cfg(feature = "http2")]
    fn kept(self, wire: &Arc<Wire>) -> Self {
        Sent { wire: Some(Arc::clone(wire)), ..self }
    }

    /// The same for what is longer than a piece.
    #[cfg(feature = "http2")]
    fn in_pieces(self, wire: &Arc<Wire>) -> Self {
        let kept = self.body.as_bytes().map_or(0, Bytes::len);
        wire.backlog.add(kept);
        let pieces = Pieces { rest: Bytes::new(), kept, wire: Arc::clone(wire) };
        Sent { pieces: Some(Box::new(pieces)), ..self.kept(wire) }
    }

    /// The next frame of the body itself.
    #[inline]
    fn poll_body(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if self.wire.is_none() {
            return Pin::new(&mut self.body).poll_frame(cx);
        }
        let polled = catch_unwind(AssertUnwindSafe(|| Pin::new(&mut self.body).poll_frame(cx)));
        let Ok(polled) = polled else {
            // Not to be polled again. As an error it ends this response; a panic would end the task of the connection, with the
            // responses that are not written yet.
            self.body = Body::empty();
            return Poll::Ready(Some(Err("the stream that is the body of a response panicked".into())));
        };
        if polled.is_pending() && self.end.as_mut().is_some_and(|end| end.as_mut().poll(cx).is_ready()) {
            return Poll::Ready(None);
        }
        polled
    }
}

/// A body that goes to h2 piece by piece, which keeps what it has until the client takes it.
#[cfg(feature = "http2")]
struct Pieces {
    /// Of the last frame.
    rest: Bytes,
    /// What is left of a body that was complete from its beginning, or of a frame that is as long as one.
    kept: usize,
    wire: Arc<Wire>,
}

#[cfg(feature = "http2")]
impl Pieces {
    /// The first piece of a frame.
    fn begin(&mut self, data: Bytes) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if self.kept == 0 && data.len() > streams::PIECE {
            self.kept = data.len();
            self.wire.backlog.add(self.kept);
        }
        self.rest = data;
        self.next()
    }

    fn next(&mut self) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let piece = self.rest.split_to(self.rest.len().min(streams::PIECE));
        let taken = piece.len().min(self.kept);
        if taken > 0 {
            self.kept -= taken;
            self.wire.backlog.take(taken);
        }
        streams::given();
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }
}

#[cfg(feature = "http2")]
impl Drop for Pieces {
    fn drop(&mut self) {
        if self.kept > 0 {
            self.wire.backlog.take(self.kept);
        }
    }
}

impl http_body::Body for Sent {
    type Data = Bytes;
    type Error = BoxError;

    #[inline]
    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = self.get_mut();
        #[cfg(feature = "http2")]
        if let Some(mut pieces) = this.pieces.take() {
            let polled = if pieces.rest.is_empty() { this.poll_body(cx) } else { pieces.next() };
            let polled = match polled {
                Poll::Ready(Some(Ok(frame))) if pieces.rest.is_empty() => match frame.into_data() {
                    Ok(data) => pieces.begin(data),
                    Err(trailers) => Poll::Ready(Some(Ok(trailers))),
                },
                Poll::Pending => {
                    streams::asked();
                    Poll::Pending
                }
                polled => polled,
            };
            this.pieces = Some(pieces);
            return polled;
        }
        this.poll_body(cx)
    }

    #[inline]
    fn is_end_stream(&self) -> bool {
        #[cfg(feature = "http2")]
        if self.pieces.as_ref().is_some_and(|pieces| !pieces.rest.is_empty()) {
            return false;
        }
        self.body.is_end_stream()
    }

    #[inline]
    fn size_hint(&self) -> SizeHint {
        // Asked for before the first piece alone.
        self.body.size_hint()
    }
}
