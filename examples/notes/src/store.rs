//! The notes, in SQLite.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use connect::{Error, Result};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::Serialize;
use tokio::sync::broadcast;

/// A note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Note {
    /// Its number.
    pub id: i64,
    /// One line.
    pub title: String,
    /// All the rest.
    pub text: String,
}

/// What happened to a note.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "what", rename_all = "lowercase")]
pub enum Change {
    /// A note was created.
    Created(Note),
    /// A note was deleted.
    Deleted {
        /// Its number.
        id: i64,
    },
}

/// All notes. Clones are the same store.
#[derive(Debug, Clone)]
pub struct Store {
    connection: Arc<Mutex<Connection>>,
    changes: broadcast::Sender<Change>,
}

impl Store {
    /// The notes in a file, which is created if it does not exist.
    ///
    /// # Errors
    /// If the file cannot be read or is no database.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        Store::of(Connection::open(path)?)
    }

    /// Notes in memory, for tests.
    ///
    /// # Errors
    /// If SQLite does not start.
    pub fn in_memory() -> Result<Self> {
        Store::of(Connection::open_in_memory()?)
    }

    fn of(connection: Connection) -> Result<Self> {
        connection.execute_batch(
            "CREATE TABLE IF NOT EXISTS notes (
                id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT NOT NULL, text TEXT NOT NULL
            );",
        )?;
        let (changes, _) = broadcast::channel(64);
        Ok(Store { connection: Arc::new(Mutex::new(connection)), changes })
    }

    /// The changes from now on.
    #[must_use]
    pub fn changes(&self) -> broadcast::Receiver<Change> {
        self.changes.subscribe()
    }

    /// All notes, the newest first.
    ///
    /// # Errors
    /// Of the database.
    pub async fn all(&self) -> Result<Vec<Note>> {
        self.with(|connection| {
            let mut query =
                connection.prepare_cached("SELECT id, title, text FROM notes ORDER BY id DESC")?;
            query.query_map([], note)?.collect()
        })
        .await
    }

    /// One of them, if it is there.
    ///
    /// # Errors
    /// Of the database.
    pub async fn find(&self, id: i64) -> Result<Option<Note>> {
        self.with(move |connection| {
            let mut query = connection.prepare_cached("SELECT id, title, text FROM notes WHERE id = ?")?;
            query.query_row([id], note).optional()
        })
        .await
    }

    /// Stores a note.
    ///
    /// # Errors
    /// Of the database.
    pub async fn create(&self, title: String, text: String) -> Result<Note> {
        let note = self
            .with(move |connection| {
                connection.execute("INSERT INTO notes (title, text) VALUES (?, ?)", params![title, text])?;
                Ok(Note { id: connection.last_insert_rowid(), title, text })
            })
            .await?;
        // There may be no receiver.
        let _ = self.changes.send(Change::Created(note.clone()));
        Ok(note)
    }

    /// Deletes a note, and returns whether it existed.
    ///
    /// # Errors
    /// Of the database.
    pub async fn delete(&self, id: i64) -> Result<bool> {
        let deleted =
            self.with(move |connection| connection.execute("DELETE FROM notes WHERE id = ?", [id])).await?
                > 0;
        if deleted {
            let _ = self.changes.send(Change::Deleted { id });
        }
        Ok(deleted)
    }

    /// SQLite blocks, so each query runs on a blocking thread.
    async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T> {
        let connection = Arc::clone(&self.connection);
        let work = move || work(&connection.lock().unwrap_or_else(PoisonError::into_inner));
        match tokio::task::spawn_blocking(work).await {
            Ok(result) => Ok(result?),
            Err(_) => Err(Error::msg("the database's thread ended")),
        }
    }
}

fn note(row: &Row<'_>) -> rusqlite::Result<Note> {
    Ok(Note { id: row.get(0)?, title: row.get(1)?, text: row.get(2)? })
}
