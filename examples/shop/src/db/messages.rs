//! Messages between customers and the staff.

use connect::Result;
use rusqlite::params;
use serde::Serialize;

use super::Db;

/// A message of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Message {
    /// The customer whose conversation it is.
    pub customer: i64,
    /// Whether the staff wrote it.
    pub from_staff: bool,
    /// What was written.
    pub text: String,
}

/// A conversation, for the staff.
#[derive(Debug, Serialize)]
pub struct Conversation {
    /// The customer.
    pub customer: i64,
    /// The customer's address.
    pub email: String,
    /// How many messages there are.
    pub messages: i64,
}

impl Db {
    /// Keeps a message.
    ///
    /// # Errors
    /// Of the database.
    pub async fn add_message(&self, message: Message) -> Result<()> {
        self.write(move |db| {
            db.execute(
                "INSERT INTO message (customer, from_staff, text) VALUES (?, ?, ?)",
                params![message.customer, message.from_staff, message.text],
            )?;
            Ok(())
        })
        .await
    }

    /// The last messages of a conversation, in their order.
    ///
    /// # Errors
    /// Of the database.
    pub async fn messages(&self, customer: i64) -> Result<Vec<Message>> {
        self.read(move |db| {
            let mut query = db.prepare_cached(
                "SELECT from_staff, text FROM (
                     SELECT * FROM message WHERE customer = ? ORDER BY id DESC LIMIT 50
                 ) ORDER BY id",
            )?;
            let found = query.query_map([customer], |row| {
                Ok(Message { customer, from_staff: row.get(0)?, text: row.get(1)? })
            })?;
            Ok(found.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }

    /// All conversations, the latest first.
    ///
    /// # Errors
    /// Of the database.
    pub async fn conversations(&self) -> Result<Vec<Conversation>> {
        self.read(|db| {
            let mut query = db.prepare_cached(
                "SELECT customer, email, count(*) FROM message JOIN account ON account.id = customer
                 GROUP BY customer ORDER BY max(message.id) DESC LIMIT 100",
            )?;
            let found = query.query_map([], |row| {
                Ok(Conversation { customer: row.get(0)?, email: row.get(1)?, messages: row.get(2)? })
            })?;
            Ok(found.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }
}
