//! The requests of a connection, on their way to the app and back.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{HeaderValue, StatusCode, Version, header};
use http_body::{Frame, SizeHint};

use super::pool::Exchange;
use super::valid::{opens_unwanted_tunnel, refusal, refused};
use super::wire::Wire;
use crate::connection::Stage;
use crate::error::BoxError;
use crate::server::answer::Answer;
use crate::{Body, Request};

/// What all requests of a connection have in common. Each has one pointer to it, which also says that it runs.
pub(in crate::server) struct Serving<A> {
    pub(super) app: A,
    pub(super) wire: Arc<Wire>,
}

/// Answers the requests that come to an exchange, one after the other and without an end.
pub(in crate::server) async fn answer_all<A: Answer>(exchange: Arc<Exchange<A>>) -> Infallible {
    loop {
        let response = {
            let (serving, req) = exchange.request().await;
            let wire = &serving.wire;
            let mut req = Request::from_http(req, Body::from_client);
            req.set_connection(&wire.connection);
            let mut response = match refusal(&req) {
                Some(status) => refused(status, req.version()),
                None => serving.app.answer(&mut req).await,
            };
            if opens_unwanted_tunnel(&req, response.status()) {
                response = refused(StatusCode::NOT_IMPLEMENTED, req.version());
            }
            if req.version() < Version::HTTP_2 && wire.connection.shutdown.is_at(Stage::Closing) {
                // So that the client sends no other one, and hyper reads none (RFC 9112, section 9.6).
                response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
            }
            if response.body().as_bytes().is_some() {
                // hyper takes one buffer, or nothing, in the same poll as the head.
                response.map(Sent::at_once)
            } else {
                let is_events =
                    response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == EVENTS);
                response.map(|body| Sent::stream(body, wire, is_events))
            }
        };
        // Nothing is left here of the request when the client can know the answer.
        exchange.answer(response);
    }
}

/// What [`Events`](crate::Events) are sent as.
const EVENTS: &str = "text/event-stream";

/// A body on its way to the client.
pub(in crate::server) struct Sent {
    body: Body,
    /// So that the connection does not count as idle.
    _wire: Option<Arc<Wire>>,
    /// The end of the server, for a stream of events: it has none of its own, and the client comes back by itself. In a
    /// box without its type, which no other answer has.
    end: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
}

impl Sent {
    fn at_once(body: Body) -> Self {
        Sent { body, _wire: None, end: None }
    }

    fn stream(body: Body, wire: &Arc<Wire>, is_events: bool) -> Self {
        let end = is_events.then(|| Box::pin(wire.connection.shutdown.reaches(Stage::Closing)) as _);
        Sent { body, _wire: Some(Arc::clone(wire)), end }
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
        let polled = Pin::new(&mut this.body).poll_frame(cx);
        if polled.is_pending() && this.end.as_mut().is_some_and(|end| end.as_mut().poll(cx).is_ready()) {
            return Poll::Ready(None);
        }
        polled
    }

    #[inline]
    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    #[inline]
    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
