//! What changes while a page is open, as server-sent events.

use connect::{Error, Event, Events, Result, get};
use connect_middleware::session::Principal;
use serde::Serialize;
use tokio::sync::broadcast;
use tokio_stream::wrappers::BroadcastStream;
use tokio_stream::{Stream, StreamExt as _};

use crate::accounts::number;
use crate::db::{Db, Message};

/// What has changed.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum Change {
    /// How many there are of a product.
    Stock {
        /// The number of the product.
        product: i64,
        /// What is left.
        stock: i64,
    },
    /// The status of an order.
    Order {
        /// The number of the order.
        id: i64,
        /// The new one.
        status: &'static str,
    },
    /// A message of a conversation.
    Message(Message),
}

/// Tells open pages what changes. Clones are the same.
#[derive(Debug, Clone)]
pub struct Live {
    changes: broadcast::Sender<Change>,
}

impl Default for Live {
    fn default() -> Self {
        Live { changes: broadcast::Sender::new(256) }
    }
}

impl Live {
    /// Tells all pages that are open.
    pub fn publish(&self, change: Change) {
        // There may be none.
        let _ = self.changes.send(change);
    }

    pub(crate) fn subscribe(&self) -> broadcast::Receiver<Change> {
        self.changes.subscribe()
    }

    /// The changes from now on. A page that reads too slowly misses some, and has them after it is loaded again.
    fn stream(&self) -> impl Stream<Item = Change> + use<> {
        BroadcastStream::new(self.subscribe()).filter_map(std::result::Result::ok)
    }
}

#[get("/stock", public)]
pub(crate) fn stock(live: &Live) -> Events<impl Stream<Item = Result<Event>> + use<>> {
    Events::new(live.stream().filter_map(|change| match change {
        Change::Stock { .. } => Some(Event::json(&change)),
        _ => None,
    }))
}

#[get("/orders/:id/events")]
pub(crate) async fn order(
    db: &Db,
    live: &Live,
    principal: &Principal,
    id: i64,
) -> Result<Events<impl Stream<Item = Result<Event>> + use<>>> {
    // Before the order is read, so that no change is missed.
    let changes = live.stream();
    let order = db.purchase(number(principal)?, id).await?;
    let now = order.ok_or_else(|| Error::new(404, "There is no such order."))?;
    let now = Event::json(&serde_json::json!({ "id": id, "status": now.status }));
    Ok(Events::new(tokio_stream::once(now).chain(changes.filter_map(move |change| match change {
        Change::Order { id: changed, .. } if changed == id => Some(Event::json(&change)),
        _ => None,
    }))))
}
