//! Changes of the notes, as server-sent events.

use connect::{Event, Events, Result, get};
use tokio_stream::wrappers::BroadcastStream;
use tokio_stream::{Stream, StreamExt};

use crate::store::{Change, Store};

/// One event for each change. A client that lags too far behind misses some: `Result::ok` skips the error that says so, and the
/// client sees them with the next page.
#[get("/changes")]
pub fn changes(store: &Store) -> Events<impl Stream<Item = Result<Event>> + use<>> {
    let changes = BroadcastStream::new(store.changes()).filter_map(Result::ok);
    Events::new(changes.map(|change| match change {
        Change::Created(note) => Ok(Event::json(&note)?.event("created")),
        Change::Deleted { id } => Ok(Event::json(&serde_json::json!({ "id": id }))?.event("deleted")),
    }))
}
