//! Server-sent events: a response without an end, of events that a browser's `EventSource` reads.

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

/// The default time without an event after which a comment is sent.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// A response of server-sent events, for a browser's `EventSource`
/// ([HTML, section 9.2](https://html.spec.whatwg.org/multipage/server-sent-events.html)).
///
/// After 15 seconds without an event, by default, a comment is sent, so that no proxy between server and client takes the
/// connection for dead. The stream is dropped when the client closes or resets the connection, and by HTTP/1 also when it closes
/// only its own half of it: no client waits for events after that. A client that vanishes without a word is noticed when a comment
/// or an event can no longer be written. The stream is also dropped when the [server](crate::Server) shuts down; browsers then
/// reconnect by themselves. A client that reconnects sends the id of its last event:
/// [`req.last_event_id()`](Request::last_event_id).
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
    /// Makes a response of a stream of events. Its items are [`Event`]s, or `Result`s of them: the first error ends the
    /// response, and is logged.
    pub fn new(stream: S) -> Self {
        Events { stream, keep_alive: Some(KEEP_ALIVE) }
    }

    /// Sets how long nothing is sent before a comment: 15 seconds by default, `None` for no comments.
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
        // A response from a cache would repeat old events.
        res.set_default(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        // nginx holds a response back until it has a full buffer.
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
    /// The id of the last event that the client has received, when it reconnects: the header `Last-Event-ID`.
    #[must_use]
    pub fn last_event_id(&self) -> Option<&str> {
        self.header("last-event-id").filter(|id| !id.is_empty())
    }
}
