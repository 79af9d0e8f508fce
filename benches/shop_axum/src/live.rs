//! What changes while a page is open, as server-sent events.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::extract::{Path, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use serde::Serialize;
use serde_json::json;
use tokio::sync::broadcast;
use tokio_stream::wrappers::BroadcastStream;
use tokio_stream::{Stream, StreamExt as _};

use crate::AppState;
use crate::auth::Customer;
use crate::db::Message;
use crate::error::Result;
use crate::orders::no_order;

/// What has changed.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum Change {
    Stock {
        product: i64,
        stock: i64,
    },
    Order {
        id: i64,
        status: &'static str,
    },
    Message(Message),
    /// The server shuts down: streams end, or it would wait for them.
    Shutdown,
}

/// Tells open pages what changes. Clones are the same.
#[derive(Debug, Clone)]
pub struct Live {
    changes: broadcast::Sender<Change>,
    is_ending: Arc<AtomicBool>,
}

impl Default for Live {
    fn default() -> Self {
        Live { changes: broadcast::Sender::new(256), is_ending: Arc::default() }
    }
}

impl Live {
    pub fn publish(&self, change: Change) {
        // There may be none.
        let _ = self.changes.send(change);
    }

    /// Ends streams and sockets.
    pub fn end(&self) {
        self.publish(Change::Shutdown);
    }

    /// Lets the health check fail.
    pub fn begin_end(&self) {
        self.is_ending.store(true, Ordering::Relaxed);
    }

    pub fn is_ending(&self) -> bool {
        self.is_ending.load(Ordering::Relaxed)
    }

    pub fn subscribe(&self) -> broadcast::Receiver<Change> {
        self.changes.subscribe()
    }

    /// The changes from now on. A page that reads too slowly misses some, and has them after it is loaded again.
    fn stream(&self) -> impl Stream<Item = Change> + use<> {
        BroadcastStream::new(self.subscribe())
            .filter_map(std::result::Result::ok)
            .take_while(|change| !matches!(change, Change::Shutdown))
    }
}

type Events<S> = Sse<axum::response::sse::KeepAliveStream<S>>;
type EventResult = std::result::Result<Event, axum::Error>;

fn events<S: Stream<Item = EventResult> + Send + 'static>(stream: S) -> Events<S> {
    Sse::new(stream).keep_alive(KeepAlive::default())
}

pub async fn stock(State(state): State<AppState>) -> Events<impl Stream<Item = EventResult>> {
    events(state.live.stream().filter_map(|change| match change {
        Change::Stock { .. } => Some(Event::default().json_data(change)),
        _ => None,
    }))
}

pub async fn order(
    State(state): State<AppState>,
    Customer(customer): Customer,
    Path(id): Path<i64>,
) -> Result<Events<impl Stream<Item = EventResult>>> {
    // Before the order is read, so that no change is missed.
    let changes = state.live.stream();
    let now = state.db.purchase(customer, id).await?.ok_or_else(no_order)?;
    let now = Event::default().json_data(json!({ "id": id, "status": now.status }));
    let changes = changes.filter_map(move |change| match change {
        Change::Order { id: changed, .. } if changed == id => Some(Event::default().json_data(change)),
        _ => None,
    });
    Ok(events(tokio_stream::once(now).chain(changes)))
}
