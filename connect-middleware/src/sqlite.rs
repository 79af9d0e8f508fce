//! An SQLite database on a thread of its own, since its operations block.

use std::error::Error as StdError;
use std::path::Path;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use connect::Error;
use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokio::sync::oneshot;

pub(crate) struct Database {
    jobs: mpsc::Sender<Job>,
}

/// A `dyn`, since each operation is of a type of its own.
type Job = Box<dyn FnOnce(&mut Connection) + Send>;

type BoxError = Box<dyn StdError + Send + Sync>;

/// How long an operation waits for another process that writes: less than the default of `store_timeout`.
const BUSY_TIMEOUT: Duration = Duration::from_secs(4);

impl Database {
    /// Opens the database at a path, and makes it and the tables if they are not there.
    pub(crate) fn open(path: &Path, tables: &str) -> connect::Result<Self> {
        Self::try_open(path, tables).map_err(|cause| {
            Error::msg(format!("the database `{}` cannot be opened", path.display())).with_source(cause)
        })
    }

    fn try_open(path: &Path, tables: &str) -> Result<Self, BoxError> {
        let mut connection = Connection::open(path)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        let mode: String = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
        if mode != "wal" {
            return Err(format!("it is in the mode `{mode}`, and cannot be set to WAL").into());
        }
        // Otherwise the loss of power could undo a logout.
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        connection.execute_batch(tables)?;
        let (jobs, received) = mpsc::channel::<Job>();
        let work = move || received.into_iter().for_each(|job| job(&mut connection));
        thread::Builder::new().name("sqlite".to_owned()).spawn(work)?;
        Ok(Database { jobs })
    }

    /// Runs one statement, which is a transaction of its own.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, BoxError> {
        let (done, result) = oneshot::channel();
        // One that nobody waits for any more has been dropped by its request.
        let job = Box::new(move |connection: &mut Connection| drop(done.send(work(connection))));
        self.jobs.send(job).map_err(|_| "the thread of the database has ended")?;
        Ok(result.await??)
    }

    /// Runs several in one transaction.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, BoxError> {
        self.run(move |connection| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let result = work(&transaction)?;
            transaction.commit()?;
            Ok(result)
        })
        .await
    }
}
