//! Server-sent events: an answer that does not end, of events that a browser's `EventSource` reads.

mod event;
mod stream;

pub use self::event::Event;

use std::time::Duration;

use futures_core::Stream;
use http::{HeaderName, HeaderValue, header};

use self::event::IntoEvent;
use self::stream::KeptAlive;
use crate::respond::Responder;
use crate::{Body, Request, Response, Result};

/// How long nothing is sent before a comment is, by default.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Events for a browser's `EventSource` ([HTML, section 9.2](https://html.spec.whatwg.org/multipage/server-sent-events.html)).
///
/// A comment is sent when there was no event for 15 seconds, so that nothing between server and client takes the
/// connection for dead. The stream is dropped when the client leaves, or when the [server](crate::Server) closes; browsers
/// then come back by themselves. A client that comes back says which event it
/// had last: [`req.last_event_id()`](Request::last_event_id).
///
/// ```
/// use connect::{app, get, Event, Events, Request};
/// use futures_core::Stream;
/// use tokio_stream::StreamExt;
/// use std::time::Duration;
///
/// #[get("/clock")]
/// fn clock(req: &Request) -> Events<impl Stream<Item = Event> + use<>> {
///     let from: u64 = req.last_event_id().and_then(|id| id.parse().ok()).map_or(0, |last: u64| last + 1);
///     let ticks = tokio_stream::iter(from..).throttle(Duration::from_secs(1));
///     Events::new(ticks.map(|tick| Event::data(format!("tick {tick}")).id(tick)))
/// }
///
/// let app = app![clock];
/// ```
#[derive(Debug)]
#[must_use = "return it from a route, or answer with `res.events(..)`"]
pub struct Events<S> {
    stream: S,
    keep_alive: Option<Duration>,
}

impl<S> Events<S> {
    /// The events of a stream. Its items are [`Event`]s, or `Result`s of them: the first error ends the answer, and is
    /// logged.
    pub fn new(stream: S) -> Self {
        Events { stream, keep_alive: Some(KEEP_ALIVE) }
    }

    /// How long nothing is sent before a comment is; `None` for never.
    pub fn keep_alive(mut self, after: impl Into<Option<Duration>>) -> Self {
        self.keep_alive = after.into();
        self
    }
}

#[diagnostic::do_not_recommend]
impl<S> Responder for Events<S>
where
    S: Stream<Item: IntoEvent> + Send + 'static,
{
    fn respond(self, res: &mut Response) -> Result {
        res.set(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
        // What was sent once is not to be sent again.
        res.set_default(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        // nginx holds answers back until it has a buffer full.
        res.set_default(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
        res.end(Body::stream(KeptAlive::new(self.stream, self.keep_alive)))
    }
}

impl Response {
    /// Answers with [`Events`].
    ///
    /// # Errors
    /// As [`end`](Response::end).
    pub fn events<S>(&mut self, events: Events<S>) -> Result
    where
        S: Stream<Item: IntoEvent> + Send + 'static,
    {
        events.respond(self)
    }
}

impl Request {
    /// The id of the last event that the client has, when it comes back for more: the header `Last-Event-ID`.
    #[must_use]
    pub fn last_event_id(&self) -> Option<&str> {
        self.header("last-event-id").filter(|id| !id.is_empty())
    }
}
