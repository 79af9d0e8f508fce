//! The innermost service of the tower layers: the rest of the stack.

use std::convert::Infallible;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::StatusCode;
use http_body::Body as HttpBody;

use super::slot::{Ended, Found, Handle, Slot};
use crate::Body;
use crate::error::BoxError;

/// The rest of a stack, as a service for the layer that is given to [`tower`](crate::tower()).
///
/// It answers every request, since errors below have met their handlers by then. It takes any body, and is always
/// ready.
#[derive(Debug, Clone)]
pub struct TowerRest(pub(super) ());

impl<B> tower_service::Service<http::Request<B>> for TowerRest
where
    B: HttpBody<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = TowerRestFuture;

    #[inline]
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut req: http::Request<B>) -> TowerRestFuture {
        let call = req.extensions_mut().remove::<Handle>().map(|Handle(slot)| {
            let id = slot.arrive(req.map(Body::new), tracing::Span::current());
            (slot, id)
        });
        TowerRestFuture { call }
    }
}

/// The response future of [`TowerRest`].
#[must_use = "futures do nothing unless polled"]
pub struct TowerRestFuture {
    /// `None` if the request has lost its extensions.
    call: Option<(Arc<Slot>, u32)>,
}

impl Future for TowerRestFuture {
    type Output = Result<http::Response<Body>, Infallible>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Some((slot, id)) = &self.call else {
            // The layer that polls this catches it as an error.
            panic!(
                "a tower layer lost the request's extensions, which lead to the rest of the stack: \
                 a layer that makes a new request, as a retry policy does, has to clone them"
            )
        };
        match slot.ended(*id, cx.waker()) {
            Found::NotYet => Poll::Pending,
            Found::Ended(ended) => {
                self.call = None;
                match ended {
                    Ended::Answered(response) => Poll::Ready(Ok(response)),
                    Ended::Panicked(payload) => resume_unwind(payload),
                }
            }
            // Nobody waits for this response: a layer has left the call running.
            Found::Closed => {
                let mut response = http::Response::new(Body::empty());
                *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
                Poll::Ready(Ok(response))
            }
        }
    }
}

impl Drop for TowerRestFuture {
    fn drop(&mut self) {
        if let Some((slot, id)) = &self.call {
            slot.give_up(*id);
        }
    }
}

impl std::fmt::Debug for TowerRestFuture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TowerRestFuture").field("is_lost", &self.call.is_none()).finish_non_exhaustive()
    }
}
