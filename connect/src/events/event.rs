//! One server-sent event, and the items that a stream of them may have.

use std::convert::Infallible;
use std::fmt::Display;
use std::time::Duration;

use bytes::Bytes;
use serde::Serialize;

use crate::Result;
use crate::error::BoxError;

/// One event of [`Events`](super::Events).
///
/// Its text may have many lines. A name or an id ends at its first line break or NUL, because neither can be sent.
///
/// ```
/// use connect::Event;
///
/// let event = Event::data("two\nlines").event("note").id(7);
/// assert_eq!(event.to_bytes(), "event: note\nid: 7\ndata: two\ndata: lines\n\n");
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Event {
    head: String,
    data: Option<String>,
}

impl Event {
    /// Makes an event with a text.
    #[must_use]
    pub fn data(text: impl Into<String>) -> Self {
        Event { head: String::new(), data: Some(text.into()) }
    }

    /// Makes an event with a value as JSON.
    ///
    /// # Errors
    /// If the value cannot be serialized as JSON.
    pub fn json(value: &impl Serialize) -> Result<Self> {
        Ok(Event::data(serde_json::to_string(value)?))
    }

    /// Makes a comment, which clients ignore, instead of an event.
    #[must_use]
    pub fn comment(text: impl Display) -> Self {
        let text = text.to_string();
        let lines = lines(&text).map(|line| format!(": {line}\n"));
        Event { head: lines.collect(), data: None }
    }

    /// Sets its name: the browser dispatches it to the listeners of that name. By default it is `message`.
    #[must_use]
    pub fn event(self, name: impl Display) -> Self {
        self.field("event", name)
    }

    /// Sets its id, which a client that reconnects sends as `Last-Event-ID`: none by default.
    #[must_use]
    pub fn id(self, id: impl Display) -> Self {
        self.field("id", id)
    }

    /// Sets how long the client waits before it reconnects when the connection is lost: by default the client decides. It is
    /// sent in milliseconds.
    #[must_use]
    pub fn retry(self, after: Duration) -> Self {
        self.field("retry", after.as_millis())
    }

    fn field(mut self, name: &str, value: impl Display) -> Self {
        let value = value.to_string();
        // A client ignores an id with a NUL in it.
        let value = value.split(['\n', '\r', '\0']).next().unwrap_or_default();
        self.head.push_str(&format!("{name}: {value}\n"));
        self
    }

    /// The event as it is sent.
    #[must_use]
    pub fn to_bytes(&self) -> Bytes {
        let mut text = self.head.clone();
        for line in self.data.iter().flat_map(|data| lines(data)) {
            text.push_str("data: ");
            text.push_str(line);
            text.push('\n');
        }
        text.push('\n');
        text.into()
    }
}

/// The lines of a text, which end with `\n`, `\r` or both. An empty text has one line, and a line break at the end is
/// followed by an empty line.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let Some(end) = text.find(['\n', '\r']) else { return rest.take() };
        let after = &text[end..];
        let after = after.strip_prefix("\r\n").unwrap_or_else(|| &after[1..]);
        rest = Some(after);
        Some(&text[..end])
    })
}

/// An item of a stream of events.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an event",
    note = "the stream's items are `Event`, or `Result<Event, E>`"
)]
pub trait IntoEvent {
    type Error: Into<BoxError>;
    fn into_event(self) -> Result<Event, Self::Error>;
}

impl IntoEvent for Event {
    type Error = Infallible;
    fn into_event(self) -> Result<Event, Infallible> {
        Ok(self)
    }
}

#[diagnostic::do_not_recommend]
impl<E: Into<BoxError>> IntoEvent for Result<Event, E> {
    type Error = E;
    fn into_event(self) -> Result<Event, E> {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::Event;

    #[test]
    fn an_event_cannot_be_broken_out_of() {
        let event = Event::data("a\r\nb\rc\n\nid: 9").event("x\ndata: no").id("1\r2");
        assert_eq!(event.to_bytes(), "event: x\nid: 1\ndata: a\ndata: b\ndata: c\ndata: \ndata: id: 9\n\n");
        assert_eq!(Event::data("").to_bytes(), "data: \n\n");
        assert_eq!(Event::comment("a\nb").to_bytes(), ": a\n: b\n\n");
    }
}
