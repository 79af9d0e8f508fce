//! Sessions in an SQLite database.

use std::fmt;
use std::path::Path;

use rusqlite::{OptionalExtension, Transaction, TransactionBehavior, params};

use super::store::{NewSession, PartChange, Store, StoreError, StoredPart, StoredSession, Swapped};
use super::timestamp::Timestamp;
use super::token::Key;
use crate::sqlite::Database;

/// Keeps sessions in an SQLite database: one file and no server, for all processes of one machine.
///
/// The database is in WAL mode, and a change is on the disk when it is reported as stored. All operations run on one thread of
/// the store's own, so that none blocks the runtime. Needs the feature `session-sqlite`, which builds SQLite in.
pub struct SqliteStore {
    database: Database,
}

const SCHEMA: &str = "
    BEGIN IMMEDIATE;
    CREATE TABLE IF NOT EXISTS connect_session (
        key BLOB PRIMARY KEY NOT NULL,
        owner TEXT,
        created INTEGER NOT NULL,
        expires INTEGER NOT NULL,
        version INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS connect_session_owner ON connect_session (owner) WHERE owner IS NOT NULL;
    CREATE INDEX IF NOT EXISTS connect_session_expires ON connect_session (expires);
    CREATE TABLE IF NOT EXISTS connect_session_part (
        key BLOB NOT NULL REFERENCES connect_session (key) ON DELETE CASCADE ON UPDATE CASCADE,
        name TEXT NOT NULL,
        version INTEGER NOT NULL,
        value BLOB NOT NULL,
        PRIMARY KEY (key, name)
    ) WITHOUT ROWID;
    COMMIT;
";

impl SqliteStore {
    /// Opens the database at a path, and makes it and its tables if they are not there. The tables are `connect_session` and
    /// `connect_session_part`, so the database may be one with other tables.
    ///
    /// It waits for the disk: call it before the server starts.
    ///
    /// # Errors
    /// If the file cannot be opened, or is no SQLite database.
    pub fn open(path: impl AsRef<Path>) -> connect::Result<Self> {
        Database::open(path.as_ref(), SCHEMA).map(|database| SqliteStore { database })
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore").finish_non_exhaustive()
    }
}

/// What SQLite keeps a number as. Times are below this, and a version counts changes.
fn signed(number: u64) -> i64 {
    number.try_into().unwrap_or(i64::MAX)
}

fn time(timestamp: Timestamp) -> i64 {
    signed(timestamp.as_millis())
}

fn timestamp(column: i64) -> Timestamp {
    Timestamp::from_millis(column.try_into().unwrap_or_default())
}

/// A [`NewSession`] of its own, for the thread.
struct New {
    owner: Option<String>,
    created: i64,
    expires: i64,
    part: String,
    value: Vec<u8>,
}

impl New {
    fn of(new: NewSession<'_>) -> Self {
        New {
            owner: new.owner.map(str::to_owned),
            created: time(new.created),
            expires: time(new.expires),
            part: new.part.to_owned(),
            value: new.value.to_owned(),
        }
    }
}

/// Puts in a part, or another value of it, with a version that none has had.
fn put(transaction: &Transaction<'_>, key: &Key, part: &str, value: &[u8]) -> rusqlite::Result<i64> {
    let version: i64 = transaction
        .prepare_cached("UPDATE connect_session SET version = version + 1 WHERE key = ? RETURNING version")?
        .query_row([key.as_bytes()], |row| row.get(0))?;
    transaction
        .prepare_cached(
            "INSERT INTO connect_session_part (key, name, version, value) VALUES (?, ?, ?, ?)
             ON CONFLICT (key, name) DO UPDATE SET version = excluded.version, value = excluded.value",
        )?
        .execute(params![key.as_bytes(), part, version, value])?;
    Ok(version)
}

fn is_there(transaction: &Transaction<'_>, key: &Key, now: Timestamp) -> rusqlite::Result<bool> {
    transaction
        .prepare_cached("SELECT 1 FROM connect_session WHERE key = ? AND expires > ?")?
        .exists(params![key.as_bytes(), time(now)])
}

impl Store for SqliteStore {
    async fn create(&self, key: &Key, new: NewSession<'_>) -> Result<(), StoreError> {
        let (key, new) = (*key, New::of(new));
        self.database.write(move |transaction| {
            transaction
                .prepare_cached(
                    "INSERT INTO connect_session (key, owner, created, expires, version) VALUES (?, ?, ?, ?, 0)",
                )?
                .execute(params![key.as_bytes(), new.owner, new.created, new.expires])?;
            put(transaction, &key, &new.part, &new.value).map(drop)
        })
        .await
    }

    async fn load(&self, key: &Key, now: Timestamp) -> Result<Option<StoredSession>, StoreError> {
        let key = *key;
        self.database
            .run(move |connection| {
                // One snapshot for both tables.
                let transaction = connection.transaction_with_behavior(TransactionBehavior::Deferred)?;
                let session = transaction
                    .prepare_cached(
                        "SELECT owner, created, expires FROM connect_session WHERE key = ? AND expires > ?",
                    )?
                    .query_row(params![key.as_bytes(), time(now)], |row| {
                        Ok(StoredSession {
                            owner: row.get(0)?,
                            created: timestamp(row.get(1)?),
                            expires: timestamp(row.get(2)?),
                            parts: std::collections::BTreeMap::new(),
                        })
                    })
                    .optional()?;
                let Some(mut session) = session else { return Ok(None) };
                let mut parts = transaction
                    .prepare_cached("SELECT name, version, value FROM connect_session_part WHERE key = ?")?;
                let rows = parts.query_map([key.as_bytes()], |row| {
                    let version: i64 = row.get(1)?;
                    let part =
                        StoredPart { version: version.try_into().unwrap_or_default(), value: row.get(2)? };
                    Ok((row.get::<_, String>(0)?, part))
                })?;
                session.parts = rows.collect::<rusqlite::Result<_>>()?;
                Ok(Some(session))
            })
            .await
    }

    async fn swap(&self, key: &Key, change: PartChange<'_>, now: Timestamp) -> Result<Swapped, StoreError> {
        let (key, part, from) = (*key, change.part.to_owned(), signed(change.from));
        let value = change.value.map(<[u8]>::to_owned);
        self.database
            .write(move |transaction| {
                if !is_there(transaction, &key, now)? {
                    return Ok(Swapped::Gone);
                }
                let version: Option<i64> = transaction
                    .prepare_cached("SELECT version FROM connect_session_part WHERE key = ? AND name = ?")?
                    .query_row(params![key.as_bytes(), part], |row| row.get(0))
                    .optional()?;
                if version.unwrap_or_default() != from {
                    return Ok(Swapped::Conflict);
                }
                let Some(value) = value else {
                    transaction
                        .prepare_cached("DELETE FROM connect_session_part WHERE key = ? AND name = ?")?
                        .execute(params![key.as_bytes(), part])?;
                    return Ok(Swapped::Done(0));
                };
                let version = put(transaction, &key, &part, &value)?;
                Ok(Swapped::Done(version.try_into().unwrap_or_default()))
            })
            .await
    }

    async fn touch(&self, key: &Key, expires: Timestamp, now: Timestamp) -> Result<(), StoreError> {
        let key = *key;
        self.database.write(move |transaction| {
            transaction
                .prepare_cached(
                    "UPDATE connect_session SET expires = ?2 WHERE key = ?1 AND expires > ?3 AND expires < ?2",
                )?
                .execute(params![key.as_bytes(), time(expires), time(now)])
                .map(drop)
        })
        .await
    }

    async fn rename(&self, from: &Key, to: &Key, new: NewSession<'_>) -> Result<bool, StoreError> {
        let (from, to, now, new) = (*from, *to, new.created, New::of(new));
        self.database
            .write(move |transaction| {
                if !is_there(transaction, &from, now)? {
                    return Ok(false);
                }
                transaction
                .prepare_cached(
                    "UPDATE connect_session SET key = ?, owner = ?, created = ?, expires = ? WHERE key = ?",
                )?
                .execute(params![to.as_bytes(), new.owner, new.created, new.expires, from.as_bytes()])?;
                put(transaction, &to, &new.part, &new.value)?;
                Ok(true)
            })
            .await
    }

    async fn remove(&self, key: &Key) -> Result<(), StoreError> {
        let key = *key;
        self.database
            .write(move |transaction| {
                let mut statement =
                    transaction.prepare_cached("DELETE FROM connect_session WHERE key = ?")?;
                statement.execute([key.as_bytes()]).map(drop)
            })
            .await
    }

    async fn remove_owned(&self, owner: &str, except: Option<&Key>) -> Result<(), StoreError> {
        let (owner, except) = (owner.to_owned(), except.copied());
        self.database
            .write(move |transaction| {
                transaction
                    .prepare_cached("DELETE FROM connect_session WHERE owner = ? AND key IS NOT ?")?
                    .execute(params![owner, except.as_ref().map(Key::as_bytes)])
                    .map(drop)
            })
            .await
    }

    async fn sweep(&self, now: Timestamp) -> Result<u64, StoreError> {
        let swept = self.database.write(move |transaction| {
            let mut statement =
                transaction.prepare_cached("DELETE FROM connect_session WHERE expires <= ?")?;
            statement.execute([time(now)])
        });
        Ok(swept.await?.try_into()?)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::suite::Alternating;
    use super::super::{model, suite};
    use super::SqliteStore;

    #[tokio::test(flavor = "multi_thread")]
    async fn one_connection() {
        let folder = tempfile::tempdir().unwrap();
        suite::all(SqliteStore::open(folder.path().join("sessions.db")).unwrap()).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn two_connections_to_one_file() {
        let folder = tempfile::tempdir().unwrap();
        let open = || SqliteStore::open(folder.path().join("sessions.db")).unwrap();
        suite::all(Alternating::new(open(), open())).await;
    }

    #[tokio::test]
    async fn interleavings() {
        let folder = tempfile::tempdir().unwrap();
        let open = || SqliteStore::open(folder.path().join("sessions.db")).unwrap();
        let store = Arc::new(Alternating::new(open(), open()));
        model::interleavings(100, || Arc::clone(&store)).await;
    }

    #[tokio::test]
    async fn sessions_outlive_the_store() {
        use super::super::{Key, NewSession, Store, Timestamp};
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sessions.db");
        let (key, now) = (Key::from_bytes([1; 32]), Timestamp::from_millis(1));
        let expires = Timestamp::from_millis(u64::MAX);
        let new = NewSession { owner: Some("ann"), created: now, expires, part: "a", value: b"1" };
        SqliteStore::open(&path).unwrap().create(&key, new).await.unwrap();
        let session = SqliteStore::open(&path).unwrap().load(&key, now).await.unwrap().unwrap();
        assert_eq!(session.parts["a"].value, b"1");
        assert!(SqliteStore::open(folder.path()).is_err());
    }
}
