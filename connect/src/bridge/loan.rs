//! A request's body in the hands of a tower service.
//!
//! A service that answers without reading the body drops it, and hyper would close the connection in the middle of an
//! upload: the client finds it reset, and never reads the answer. So what is left of a body comes back.

use std::pin::Pin;
use std::sync::{Mutex, PoisonError, Weak};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header;
use http_body::{Body as HttpBody, Frame, SizeHint};

use crate::error::BoxError;
use crate::{Body, Request};

/// Where a body comes back to.
#[derive(Debug, Default)]
pub(super) struct Home(Mutex<Option<Back>>);

/// A body that came back.
#[derive(Debug)]
pub(super) struct Back {
    body: Body,
    asks_first: bool,
}

impl Home {
    /// What came back.
    pub(super) fn take(&self) -> Option<Back> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Back {
    /// For another reader, whose request is whole. If something was read of it, it says so.
    pub(super) fn into_body(self) -> Body {
        self.body
    }

    /// To be waited for and forgotten, since what describes it is gone. A client that asks first has not sent it yet, and
    /// to read from it would be the permission.
    pub(super) fn into_rest(self) -> Body {
        if self.asks_first { Body::empty() } else { self.body.rest() }
    }
}

/// What has such a place.
pub(super) trait HasHome: Send + Sync + 'static {
    fn home(&self) -> &Home;
}

impl HasHome for Home {
    fn home(&self) -> &Home {
        self
    }
}

/// A body that comes back when it is dropped. It does not keep its home alive.
struct Loan<H: HasHome> {
    body: Body,
    home: Weak<H>,
    is_read: bool,
    asks_first: bool,
}

/// Takes the body out of a request, for a tower service. One that somebody has read stays, with what was made of it.
/// One that has not arrived yet costs a box.
pub(super) fn lend<H: HasHome>(req: &mut Request, home: impl FnOnce() -> Weak<H>) -> Body {
    if req.body().was_read() {
        return Body::empty();
    }
    let body = std::mem::take(req.body_mut());
    if body.as_bytes().is_some() {
        return body;
    }
    let asks_first = req.headers().contains_key(header::EXPECT);
    Body::new(Loan { body, home: home(), is_read: false, asks_first })
}

impl<H: HasHome> HttpBody for Loan<H> {
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

impl<H: HasHome> Drop for Loan<H> {
    fn drop(&mut self) {
        if let Some(home) = self.home.upgrade() {
            let body = std::mem::take(&mut self.body);
            let body = if self.is_read { body.rest() } else { body };
            let back = Back { body, asks_first: self.asks_first };
            *home.home().0.lock().unwrap_or_else(PoisonError::into_inner) = Some(back);
        }
    }
}
