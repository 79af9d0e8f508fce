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
            Ok(response.map(|body| Sent::new(body, &serving.wire)))
        }
    })
}

/// A body on its way to the client.
pub(super) struct Sent {
    body: Body,
    /// So that the connection does not count as idle.
    _wire: Option<Arc<Wire>>,
}

impl Sent {
    #[inline]
    fn new(body: Body, wire: &Arc<Wire>) -> Self {
        // hyper takes one buffer, or nothing, in the same poll as the head.
        let wire = body.as_bytes().is_none().then(|| Arc::clone(wire));
        Sent { body, _wire: wire }
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
        Pin::new(&mut self.get_mut().body).poll_frame(cx)
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
