//! Messages for the next page.

use serde::{Deserialize, Serialize};
use tower_sessions::Session;

use crate::error::Result;

const KEY: &str = "flash";

#[derive(Debug, Serialize, Deserialize)]
pub struct Message {
    kind: String,
    text: String,
}

pub async fn push(session: &Session, kind: &str, text: impl Into<String>) -> Result<()> {
    let mut messages: Vec<Message> = session.get(KEY).await?.unwrap_or_default();
    messages.push(Message { kind: kind.to_owned(), text: text.into() });
    Ok(session.insert(KEY, messages).await?)
}

pub async fn take(session: &Session) -> Result<Vec<Message>> {
    Ok(session.remove(KEY).await?.unwrap_or_default())
}
