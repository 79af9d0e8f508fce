//! SQLite: a few connections, and each query on a blocking thread. The queries are in the modules below this one.

mod accounts;
mod messages;
mod products;
mod purchases;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use connect::{Error, Result};
use rusqlite::{Connection, ErrorCode, Transaction, TransactionBehavior};
use tokio::sync::Semaphore;

pub use self::accounts::{Account, Role, Token};
pub use self::messages::{Conversation, Message};
pub use self::products::{Product, ProductDraft};
pub use self::purchases::{Lines, Placed, Purchase, PurchaseLine};

/// How many queries run at the same time; SQLite writes one by one in any case.
const CONNECTIONS: usize = 8;

/// How long a query waits for one that writes.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// The database. Clones are the same one.
#[derive(Debug, Clone)]
pub struct Db {
    pool: Arc<Pool>,
}

#[derive(Debug)]
struct Pool {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
    permits: Arc<Semaphore>,
}

impl Pool {
    fn take(&self) -> Result<Connection> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        match idle {
            Some(connection) => Ok(connection),
            None => {
                let connection = Connection::open(&self.path)?;
                connection.busy_timeout(BUSY_TIMEOUT)?;
                connection.pragma_update(None, "foreign_keys", true)?;
                Ok(connection)
            }
        }
    }

    fn put(&self, connection: Connection) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
    }
}

impl Db {
    /// Opens the database in a file, and makes it and its tables if they are not there. It waits for the disk: call it before the
    /// server starts.
    ///
    /// # Errors
    /// If the file cannot be opened or is no database.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let pool = Pool {
            path: path.as_ref().to_owned(),
            idle: Mutex::default(),
            permits: Arc::new(Semaphore::new(CONNECTIONS)),
        };
        let connection = pool.take()?;
        connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
        connection.execute_batch(include_str!("schema.sql"))?;
        pool.put(connection);
        Ok(Db { pool: Arc::new(pool) })
    }

    /// Runs the smallest query: for the health check.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn ping(&self) -> Result<()> {
        self.read(|db| Ok(db.query_row("SELECT 1", [], |_| Ok(()))?)).await
    }

    /// Runs queries that change nothing.
    async fn read<T: Send + 'static>(
        &self,
        queries: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.run(|connection| queries(connection)).await
    }

    /// Runs queries in a transaction, which is rolled back if one fails. It is a writing one from its beginning: one that reads first
    /// could not become one once another has written.
    async fn write<T: Send + 'static>(
        &self,
        queries: impl FnOnce(&Transaction<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.run(|connection| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let value = queries(&transaction)?;
            transaction.commit()?;
            Ok(value)
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let permit = Arc::clone(&self.pool.permits).acquire_owned().await?;
        let pool = Arc::clone(&self.pool);
        let work = move || {
            // It is kept until the query has ended, also where nobody waits for it any more.
            let _permit = permit;
            let mut connection = pool.take()?;
            let result = work(&mut connection);
            pool.put(connection);
            result
        };
        tokio::task::spawn_blocking(work).await?.map_err(|err: Error| {
            let is_busy = err
                .downcast_ref::<rusqlite::Error>()
                .is_some_and(|err| err.sqlite_error_code() == Some(ErrorCode::DatabaseBusy));
            if is_busy { err.with_status(503) } else { err }
        })
    }
}
