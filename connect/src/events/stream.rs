//! Serializes events, with comments that keep the connection alive.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use tokio::time::{Instant, Sleep};

use super::event::IntoEvent;

/// A comment, which clients ignore.
const COMMENT: Bytes = Bytes::from_static(b":\n\n");

pin_project_lite::pin_project! {
    pub(super) struct KeptAlive<S> {
        #[pin]
        events: S,
        after: Option<Duration>,
        // Made at the first pause, when there is a runtime. Boxed: a stream that never pauses has none.
        wait: Option<Pin<Box<Sleep>>>,
    }
}

impl<S> KeptAlive<S> {
    pub(super) fn new(events: S, after: Option<Duration>) -> Self {
        KeptAlive { events, after, wait: None }
    }
}

impl<S: Stream<Item: IntoEvent>> Stream for KeptAlive<S> {
    type Item = Result<Bytes, <S::Item as IntoEvent>::Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.project();
        if let Poll::Ready(event) = this.events.poll_next(cx) {
            if let (Some(wait), Some(after)) = (this.wait, *this.after) {
                wait.as_mut().reset(Instant::now() + after);
            }
            return Poll::Ready(event.map(|event| event.into_event().map(|event| event.to_bytes())));
        }
        let Some(after) = *this.after else { return Poll::Pending };
        let wait = this.wait.get_or_insert_with(|| Box::pin(tokio::time::sleep(after)));
        ready!(wait.as_mut().poll(cx));
        wait.as_mut().reset(Instant::now() + after);
        Poll::Ready(Some(Ok(COMMENT)))
    }
}
