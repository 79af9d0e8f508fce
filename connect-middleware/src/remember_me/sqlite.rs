//! Remembered browsers in an SQLite database.

use std::fmt;
use std::path::Path;

use rusqlite::{OptionalExtension, params};

use super::store::{NewSeries, RememberStore, Rotation, StoredSeries};
use crate::session::{Key, StoreError, Timestamp};
use crate::sqlite::Database;

/// Keeps remembered browsers in an SQLite database: one file and no server, for all processes of one machine.
///
/// The file may be that of [`SqliteStore`](crate::session::SqliteStore). All operations run on one thread of the store's own. Needs the
/// feature `session-sqlite` beside `remember-me`.
pub struct SqliteRememberStore {
    database: Database,
}

const SCHEMA: &str = "
    BEGIN IMMEDIATE;
    CREATE TABLE IF NOT EXISTS connect_remember (
        series BLOB PRIMARY KEY NOT NULL,
        owner TEXT NOT NULL,
        token BLOB NOT NULL,
        previous BLOB,
        created INTEGER NOT NULL,
        rotated INTEGER NOT NULL,
        expires INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS connect_remember_owner ON connect_remember (owner);
    CREATE INDEX IF NOT EXISTS connect_remember_expires ON connect_remember (expires);
    COMMIT;
";

impl SqliteRememberStore {
    /// Opens the database at a path, and makes it and the table `connect_remember` if they are not there.
    ///
    /// It waits for the disk: call it before the server starts.
    ///
    /// # Errors
    /// If the file cannot be opened, or is no SQLite database.
    pub fn open(path: impl AsRef<Path>) -> connect::Result<Self> {
        Database::open(path.as_ref(), SCHEMA).map(|database| SqliteRememberStore { database })
    }
}

impl fmt::Debug for SqliteRememberStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteRememberStore").finish_non_exhaustive()
    }
}

fn time(timestamp: Timestamp) -> i64 {
    timestamp.as_millis().try_into().unwrap_or(i64::MAX)
}

fn timestamp(column: i64) -> Timestamp {
    Timestamp::from_millis(column.try_into().unwrap_or_default())
}

impl RememberStore for SqliteRememberStore {
    async fn insert(&self, series: &Key, new: NewSeries<'_>) -> Result<(), StoreError> {
        let (series, owner, token) = (*series, new.owner.to_owned(), new.token);
        let (created, expires) = (time(new.created), time(new.expires));
        self.database
            .run(move |connection| {
                connection
                    .prepare_cached(
                        "INSERT INTO connect_remember (series, owner, token, created, rotated, expires)
                     VALUES (?1, ?2, ?3, ?4, ?4, ?5)",
                    )?
                    .execute(params![series.as_bytes(), owner, token.as_bytes(), created, expires])
                    .map(drop)
            })
            .await
    }

    async fn load(&self, series: &Key, now: Timestamp) -> Result<Option<StoredSeries>, StoreError> {
        let (series, now) = (*series, time(now));
        self.database
            .run(move |connection| {
                connection
                    .prepare_cached(
                        "SELECT owner, token, previous, created, rotated, expires FROM connect_remember
                     WHERE series = ? AND expires > ?",
                    )?
                    .query_row(params![series.as_bytes(), now], |row| {
                        Ok(StoredSeries {
                            owner: row.get(0)?,
                            token: Key::from_bytes(row.get(1)?),
                            previous: row.get::<_, Option<[u8; 32]>>(2)?.map(Key::from_bytes),
                            created: timestamp(row.get(3)?),
                            rotated: timestamp(row.get(4)?),
                            expires: timestamp(row.get(5)?),
                        })
                    })
                    .optional()
            })
            .await
    }

    async fn rotate(&self, series: &Key, rotation: Rotation) -> Result<bool, StoreError> {
        let (series, Rotation { from, to, now, expires }) = (*series, rotation);
        self.database
            .run(move |connection| {
                let rotated = connection
                    .prepare_cached(
                        "UPDATE connect_remember SET previous = token, token = ?3, rotated = ?4, expires = ?5
                     WHERE series = ?1 AND token = ?2 AND expires > ?4",
                    )?
                    .execute(params![
                        series.as_bytes(),
                        from.as_bytes(),
                        to.as_bytes(),
                        time(now),
                        time(expires)
                    ])?;
                Ok(rotated == 1)
            })
            .await
    }

    async fn remove(&self, series: &Key) -> Result<(), StoreError> {
        let series = *series;
        self.database
            .run(move |connection| {
                let mut statement =
                    connection.prepare_cached("DELETE FROM connect_remember WHERE series = ?")?;
                statement.execute([series.as_bytes()]).map(drop)
            })
            .await
    }

    async fn remove_owned(&self, owner: &str, except: Option<&Key>) -> Result<(), StoreError> {
        let (owner, except) = (owner.to_owned(), except.copied());
        self.database
            .run(move |connection| {
                connection
                    .prepare_cached("DELETE FROM connect_remember WHERE owner = ? AND series IS NOT ?")?
                    .execute(params![owner, except.as_ref().map(Key::as_bytes)])
                    .map(drop)
            })
            .await
    }

    async fn sweep(&self, now: Timestamp) -> Result<u64, StoreError> {
        let swept = self.database.run(move |connection| {
            let mut statement =
                connection.prepare_cached("DELETE FROM connect_remember WHERE expires <= ?")?;
            statement.execute([time(now)])
        });
        Ok(swept.await?.try_into()?)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::suite;
    use super::{Key, NewSeries, RememberStore, SqliteRememberStore, Timestamp};
    use crate::session::SqliteStore;

    #[tokio::test(flavor = "multi_thread")]
    async fn one_store() {
        let folder = tempfile::tempdir().unwrap();
        suite::all(SqliteRememberStore::open(folder.path().join("remember.db")).unwrap()).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn two_connections_rotate_once_and_outlive_the_store() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("both.db");
        // The file of the sessions, too.
        let _sessions = SqliteStore::open(&path).unwrap();
        let open = || Arc::new(SqliteRememberStore::open(&path).unwrap());
        suite::one_of_many_rotations(&[open(), open()]).await;
        let (key, now) = (Key::from_bytes([9; 32]), Timestamp::from_millis(1));
        let expires = Timestamp::from_millis(u64::MAX);
        let new = NewSeries { owner: "ann", token: key, created: now, expires };
        open().insert(&key, new).await.unwrap();
        assert_eq!(open().load(&key, now).await.unwrap().unwrap().owner, "ann");
        assert!(SqliteRememberStore::open(folder.path()).is_err());
    }
}
