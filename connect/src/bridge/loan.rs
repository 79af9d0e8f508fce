//! Lending a request's body to a tower service.
//!
//! If a service answered without reading the body and dropped it, hyper would close the connection in the middle of an
//! upload, and the client might never read the response. So the rest of a body is returned when the service drops it.

use std::pin::Pin;
use std::sync::{Mutex, PoisonError, Weak};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header;
use http_body::{Body as HttpBody, Frame, SizeHint};

use crate::error::BoxError;
use crate::{Body, Request};

/// The place that a body is returned to.
#[derive(Debug, Default)]
pub(super) struct ReturnSlot(Mutex<Option<Returned>>);

/// A returned body.
#[derive(Debug)]
pub(super) struct Returned {
    body: Body,
    expects_continue: bool,
}

impl ReturnSlot {
    /// Takes the returned body.
    pub(super) fn take(&self) -> Option<Returned> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Returned {
    /// The body for another reader. It counts as read if something was read of it.
    pub(super) fn into_body(self) -> Body {
        self.body
    }

    /// The body to be discarded, as its headers are gone. With `Expect: 100-continue` the client has not sent it yet,
    /// and reading would ask for it.
    pub(super) fn into_rest(self) -> Body {
        if self.expects_continue { Body::empty() } else { self.body.rest() }
    }
}

/// A type with such a place.
pub(super) trait HasReturnSlot: Send + Sync + 'static {
    fn return_slot(&self) -> &ReturnSlot;
}

impl HasReturnSlot for ReturnSlot {
    fn return_slot(&self) -> &ReturnSlot {
        self
    }
}

/// A body that is returned when it is dropped. It does not keep its place alive.
struct LentBody<H: HasReturnSlot> {
    body: Body,
    return_slot: Weak<H>,
    is_read: bool,
    expects_continue: bool,
}

/// Takes the body out of a request for a tower service. A body that was read stays, with its parsed value. A body that
/// has not arrived yet costs a box.
pub(super) fn lend<H: HasReturnSlot>(req: &mut Request, return_slot: impl FnOnce() -> Weak<H>) -> Body {
    if req.body().was_read() {
        return Body::empty();
    }
    let body = std::mem::take(req.body_mut());
    if body.as_bytes().is_some() {
        return body;
    }
    let expects_continue = req.headers().contains_key(header::EXPECT);
    Body::new(LentBody { body, return_slot: return_slot(), is_read: false, expects_continue })
}

impl<H: HasReturnSlot> HttpBody for LentBody<H> {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        self.is_read |= polled.is_ready();
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl<H: HasReturnSlot> Drop for LentBody<H> {
    fn drop(&mut self) {
        if let Some(return_slot) = self.return_slot.upgrade() {
            let body = std::mem::take(&mut self.body);
            let body = if self.is_read { body.rest() } else { body };
            let back = Returned { body, expects_continue: self.expects_continue };
            *return_slot.return_slot().0.lock().unwrap_or_else(PoisonError::into_inner) = Some(back);
        }
    }
}
