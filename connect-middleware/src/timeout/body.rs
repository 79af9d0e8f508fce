//! The end of a response's body at its deadline.

use std::error::Error as StdError;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use connect::{Body, Response};
use http::header;
use http_body::{Body as HttpBody, Frame, SizeHint};
use tokio::time::{Instant, Sleep};

use super::TimedOut;

/// Limits the body, unless it is there as a whole, or is a stream of events.
pub(super) fn limit(res: &mut Response, deadline: Instant, time: Duration) {
    let is_whole = res.body().as_bytes().is_some();
    if is_whole || res.header("content-type").is_some_and(is_events) {
        return;
    }
    // To set the body removes it.
    let length = res.headers().get(header::CONTENT_LENGTH).cloned();
    let body = res.take_body();
    res.set_body(Body::new(Limited { body, sleep: tokio::time::sleep_until(deadline), time }));
    if let Some(length) = length {
        res.headers_mut().insert(header::CONTENT_LENGTH, length);
    }
}

fn is_events(kind: &str) -> bool {
    let essence = kind.split(';').next().unwrap_or_default();
    essence.trim().eq_ignore_ascii_case("text/event-stream")
}

pin_project_lite::pin_project! {
    /// A body that fails at the deadline.
    struct Limited {
        body: Body,
        #[pin]
        sleep: Sleep,
        time: Duration,
    }
}

impl HttpBody for Limited {
    type Data = Bytes;
    type Error = Box<dyn StdError + Send + Sync>;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let this = self.project();
        // First, since a body that always has a next piece would otherwise have no end.
        if this.sleep.poll(cx).is_ready() && !this.body.is_end_stream() {
            *this.body = Body::empty();
            return Poll::Ready(Some(Err(TimedOut { time: *this.time }.into())));
        }
        Pin::new(this.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
