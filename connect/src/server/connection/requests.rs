//! The requests of a connection, on their way to the app and back.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{HeaderValue, Version, header};
use http_body::{Frame, SizeHint};
use hyper::body::Incoming;
use hyper::service::{Service, service_fn};

use super::wire::Wire;
use crate::connection::Stage;
use crate::error::BoxError;
use crate::server::answer::Answer;
use crate::{Body, Request};

/// What all requests of a connection have in common. Each has one pointer to it, which also says that it runs.
pub(super) struct Serving<A> {
    pub(super) app: A,
    pub(super) wire: Arc<Wire>,
}

/// hyper's service for a connection.
pub(super) fn service<A: Answer>(
    serving: Arc<Serving<A>>,
) -> impl Service<
    http::Request<Incoming>,
    Response = http::Response<Sent>,
    Error = Infallible,
    Future = impl Future<Output = Result<http::Response<Sent>, Infallible>> + Send + 'static,
> + Clone
+ Send
+ 'static {
    service_fn(move |req: http::Request<Incoming>| {
        let serving = Arc::clone(&serving);
        serving.wire.count_request();
        let mut req = Request::from_http(req, Body::from_client);
        req.set_connection(&serving.wire.connection);
        async move {
            let mut response = serving.app.answer(&mut req).await;
            if req.version() < Version::HTTP_2 && serving.wire.connection.shutdown.is_at(Stage::Closing) {
                // So that the client sends no other one, and hyper reads none (RFC 9112, section 9.6).
                response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
            }
            let events = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == EVENTS);
            Ok(response.map(|body| Sent::new(body, &serving.wire, events)))
        }
    })
}

/// What [`Events`](crate::Events) are sent as.
const EVENTS: &str = "text/event-stream";

/// A body on its way to the client.
pub(super) struct Sent {
    body: Body,
    /// So that the connection does not count as idle.
    _wire: Option<Arc<Wire>>,
    /// The end of the server, for a stream of events: it has none of its own, and the client comes back by itself. In a
    /// box without its type, which no other answer has.
    end: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
}

impl Sent {
    #[inline]
    fn new(body: Body, wire: &Arc<Wire>, events: bool) -> Self {
        if body.as_bytes().is_some() {
            // hyper takes one buffer, or nothing, in the same poll as the head.
            return Sent { body, _wire: None, end: None };
        }
        let end = events.then(|| Box::pin(wire.connection.shutdown.reaches(Stage::Closing)) as _);
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
