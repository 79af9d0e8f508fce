//! Sessions in a PostgreSQL database.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use deadpool_postgres::{Client, Manager, ManagerConfig, Pool, RecyclingMethod, Runtime, Transaction};
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Config, IsolationLevel, NoTls, Row};

use super::store::{NewSession, PartChange, Store, StoreError, StoredPart, StoredSession, Swapped};
use super::timestamp::Timestamp;
use super::token::Key;

// They start a server, which takes a signal to stop.
#[cfg(all(test, unix))]
mod tests;

/// Keeps sessions in a PostgreSQL database: for processes on several machines, beside the other tables of the application.
///
/// ```no_run
/// # async fn run() -> connect::Result<()> {
/// use connect_middleware::session::{PostgresStore, Session};
///
/// let session = Session::new(PostgresStore::connect("postgres://app:secret@localhost/shop").await?);
/// # Ok(())
/// # }
/// ```
///
/// It makes its tables, `connect_session` and `connect_session_part`, and the sequence `connect_session_version` where they are not there. A
/// role that may not create tables can use those that another one has made with [`SCHEMA`](PostgresStore::SCHEMA).
///
/// A connection that the server has closed is replaced. An operation fails if its connection is lost while it runs, unless it can be
/// run again without harm. One that PostgreSQL ends because of a deadlock or of concurrent changes is run again.
///
/// Needs the feature `session-postgres`.
pub struct PostgresStore {
    pool: Pool,
}

/// How long a new connection may take: less than the default of `store_timeout`.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(4);

/// How long the server may leave data unacknowledged: then the connection is closed, and so replaced.
const SILENCE: Duration = Duration::from_secs(10);

/// Any number that other users of the database do not take: two processes that start make the tables one after the other.
const SCHEMA_LOCK: i64 = 0x636f_6e6e_6563_7401;

/// An operation that was ended because of others succeeds at last, since one of them always does.
const ATTEMPTS: usize = 32;

type Result<T, E = StoreError> = std::result::Result<T, E>;

impl PostgresStore {
    /// The tables, as SQL. Owners and names are `bytea`, so that any text fits whatever the encoding of the database is.
    pub const SCHEMA: &'static str = "
CREATE SEQUENCE IF NOT EXISTS connect_session_version;
CREATE TABLE IF NOT EXISTS connect_session (
    key bytea PRIMARY KEY,
    owner bytea,
    created bigint NOT NULL,
    expires bigint NOT NULL
);
CREATE INDEX IF NOT EXISTS connect_session_owner ON connect_session (owner) WHERE owner IS NOT NULL;
CREATE INDEX IF NOT EXISTS connect_session_expires ON connect_session (expires);
CREATE TABLE IF NOT EXISTS connect_session_part (
    key bytea NOT NULL REFERENCES connect_session (key) ON DELETE CASCADE ON UPDATE CASCADE,
    name bytea NOT NULL,
    version bigint NOT NULL,
    value bytea NOT NULL,
    PRIMARY KEY (key, name)
);
";

    /// Connects to a database by its URL, `postgres://user:password@host:port/database`, or by the `key=value` text of libpq, without TLS.
    ///
    /// # Errors
    /// If the text is no URL of a database; if the database does not answer; if the tables are not there and cannot be made.
    pub async fn connect(url: impl AsRef<str>) -> connect::Result<Self> {
        let mut config: Config = url.as_ref().parse()?;
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_TIMEOUT);
        }
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(SILENCE);
        }
        let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let pool = Pool::builder(Manager::from_config(config, NoTls, recycling))
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(CONNECT_TIMEOUT))
            .create_timeout(Some(CONNECT_TIMEOUT))
            .build()?;
        Self::with_pool(pool).await
    }

    /// Uses a pool that the application has built, of the crate `deadpool-postgres` 0.14: with TLS, with another number of connections, or
    /// for its other queries, too.
    ///
    /// # Errors
    /// If the database does not answer; if the tables are not there and cannot be made.
    pub async fn with_pool(pool: Pool) -> connect::Result<Self> {
        let mut client = pool.get().await?;
        // Without the rights to make tables, `IF NOT EXISTS` fails for those that are there, too.
        let is_new = "SELECT to_regclass('connect_session_part') IS NULL";
        if client.query_one(is_new, &[]).await?.try_get(0)? {
            let transaction = client.transaction().await?;
            transaction.execute("SELECT pg_advisory_xact_lock($1)", &[&SCHEMA_LOCK]).await?;
            transaction.batch_execute(Self::SCHEMA).await?;
            transaction.commit().await?;
        }
        drop(client);
        Ok(PostgresStore { pool })
    }

    /// Runs a statement, until nothing else ends it.
    async fn query(&self, lost: Lost, sql: &str, params: Params<'_>) -> Result<Vec<Row>> {
        for _ in 1..ATTEMPTS {
            let client = self.pool.get().await?;
            match query(&client, sql, params).await {
                Err(err) => lost.check(err, client)?,
                done => return done,
            }
        }
        query(&self.pool.get().await?, sql, params).await
    }

    async fn query_one(&self, lost: Lost, sql: &str, params: Params<'_>) -> Result<Option<Row>> {
        Ok(self.query(lost, sql, params).await?.pop())
    }
}

async fn query(client: &Client, sql: &str, params: Params<'_>) -> Result<Vec<Row>> {
    Ok(client.query(&client.prepare_cached(sql).await?, params).await?)
}

/// What to do when the connection is lost, and nobody knows whether the operation took effect.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lost {
    Fail,
    /// Of an operation that changes nothing when it takes effect for the second time.
    RunAgain,
}

impl Lost {
    /// What follows a failure: the operation is run again if it had no effect, or may have it twice.
    fn check(self, err: StoreError, client: Client) -> Result<()> {
        let cause = err.downcast_ref::<tokio_postgres::Error>();
        let code = cause.and_then(tokio_postgres::Error::code);
        let shuts_down = [SqlState::ADMIN_SHUTDOWN, SqlState::CRASH_SHUTDOWN, SqlState::CANNOT_CONNECT_NOW];
        let is_lost = client.is_closed()
            || cause.is_some_and(tokio_postgres::Error::is_closed)
            || code.is_some_and(|code| shuts_down.contains(code));
        let runs_again = if is_lost {
            // The pool may not know it yet.
            drop(Client::take(client));
            self == Lost::RunAgain
        } else {
            let ended = [SqlState::T_R_SERIALIZATION_FAILURE, SqlState::T_R_DEADLOCK_DETECTED];
            code.is_some_and(|code| ended.contains(code))
        };
        if runs_again { Ok(()) } else { Err(err) }
    }
}

impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresStore").field("pool", &self.pool.status()).finish_non_exhaustive()
    }
}

type Params<'a> = &'a [&'a (dyn ToSql + Sync)];

/// Each statement sees what others have stored before it: so one that follows a lock sees what the lock has waited for.
async fn begin(client: &mut Client) -> Result<Transaction<'_>> {
    Ok(client.build_transaction().isolation_level(IsolationLevel::ReadCommitted).start().await?)
}

/// What PostgreSQL keeps a time as.
fn time(timestamp: Timestamp) -> i64 {
    timestamp.as_millis().try_into().unwrap_or(i64::MAX)
}

fn timestamp(column: i64) -> Timestamp {
    Timestamp::from_millis(column.try_into().unwrap_or_default())
}

fn bytes(key: &Key) -> &[u8] {
    key.as_bytes()
}

// A part is locked by its own row, and a session by its own: what changes a part waits for a `rename` or a `remove` of the session, and then
// finds that the part has another key, or is gone. A version is never given twice, so "it has another version" stays true.

const LOAD: &str = "
SELECT s.owner, s.created, s.expires, p.name, p.version, p.value
FROM connect_session s LEFT JOIN connect_session_part p ON p.key = s.key
WHERE s.key = $1 AND s.expires > $2";

const CREATE: &str = "
WITH session AS (
    INSERT INTO connect_session (key, owner, created, expires) VALUES ($1, $2, $3, $4) RETURNING key
)
INSERT INTO connect_session_part (key, name, version, value)
SELECT key, $5::bytea, nextval('connect_session_version'), $6::bytea FROM session";

const CHANGE: &str = "
UPDATE connect_session_part p SET version = nextval('connect_session_version'), value = $5
FROM connect_session s
WHERE p.key = $1 AND p.name = $2 AND p.version = $3 AND s.key = p.key AND s.expires > $4
RETURNING p.version";

/// The lock keeps the session there until the part is stored.
const ADD: &str = "
WITH session AS (
    SELECT key FROM connect_session WHERE key = $1 AND expires > $3 FOR KEY SHARE
)
INSERT INTO connect_session_part (key, name, version, value)
SELECT key, $2::bytea, nextval('connect_session_version'), $4::bytea FROM session
ON CONFLICT (key, name) DO NOTHING
RETURNING version";

const TAKE: &str = "
DELETE FROM connect_session_part p USING connect_session s
WHERE p.key = $1 AND p.name = $2 AND p.version = $3 AND s.key = p.key AND s.expires > $4
RETURNING 0::bigint";

/// No row: there is no session.
const HAS_PART: &str = "
SELECT EXISTS (SELECT FROM connect_session_part p WHERE p.key = s.key AND p.name = $2)
FROM connect_session s WHERE s.key = $1 AND s.expires > $3";

const TOUCH: &str = "
UPDATE connect_session SET expires = $2 WHERE key = $1 AND expires > $3 AND expires < $2";

/// The parts follow by their foreign key.
const RENAME: &str = "
UPDATE connect_session SET key = $2, owner = $3, created = $4, expires = $5 WHERE key = $1 AND expires > $4";

const PUT: &str = "
INSERT INTO connect_session_part (key, name, version, value)
VALUES ($1, $2, nextval('connect_session_version'), $3)
ON CONFLICT (key, name) DO UPDATE SET version = excluded.version, value = excluded.value";

const REMOVE: &str = "DELETE FROM connect_session WHERE key = $1";

/// In one order, so that two of these do not wait for each other.
const LOCK_OWNED: &str = "
SELECT key FROM connect_session WHERE owner = $1 AND key IS DISTINCT FROM $2 ORDER BY key FOR UPDATE";

const REMOVE_ALL: &str = "DELETE FROM connect_session WHERE key = ANY ($1)";

/// What another request has locked is swept the next time.
const SWEEP: &str = "
WITH swept AS (
    DELETE FROM connect_session WHERE key IN (
        SELECT key FROM connect_session WHERE expires <= $1 ORDER BY key FOR UPDATE SKIP LOCKED
    ) RETURNING 1
)
SELECT count(*) FROM swept";

impl Store for PostgresStore {
    async fn create(&self, key: &Key, new: NewSession<'_>) -> Result<()> {
        let owner = new.owner.map(str::as_bytes);
        let (created, expires, part) = (time(new.created), time(new.expires), new.part.as_bytes());
        let params: Params<'_> = &[&bytes(key), &owner, &created, &expires, &part, &new.value];
        self.query(Lost::Fail, CREATE, params).await.map(drop)
    }

    async fn load(&self, key: &Key, now: Timestamp) -> Result<Option<StoredSession>> {
        let rows = self.query(Lost::RunAgain, LOAD, &[&bytes(key), &time(now)]).await?;
        let Some(first) = rows.first() else { return Ok(None) };
        let owner: Option<&[u8]> = first.try_get(0)?;
        let owner = owner.map(|owner| str::from_utf8(owner).map(str::to_owned)).transpose()?;
        let (created, expires) = (timestamp(first.try_get(1)?), timestamp(first.try_get(2)?));
        let mut parts = BTreeMap::new();
        for row in &rows {
            // A session without parts is one row without a part.
            let Some(name) = row.try_get::<_, Option<&[u8]>>(3)? else { continue };
            let version: i64 = row.try_get(4)?;
            let part = StoredPart { version: version.try_into()?, value: row.try_get(5)? };
            parts.insert(str::from_utf8(name)?.to_owned(), part);
        }
        Ok(Some(StoredSession { owner, created, expires, parts }))
    }

    async fn swap(&self, key: &Key, change: PartChange<'_>, now: Timestamp) -> Result<Swapped> {
        // A version that does not fit is one that was never given.
        let (part, from) = (change.part.as_bytes(), i64::try_from(change.from).unwrap_or(-1));
        let (key, now) = (bytes(key), time(now));
        let done = match change.value {
            Some(value) if from == 0 => self.query_one(Lost::Fail, ADD, &[&key, &part, &now, &value]).await?,
            Some(value) => self.query_one(Lost::Fail, CHANGE, &[&key, &part, &from, &now, &value]).await?,
            None if from == 0 => None,
            None => self.query_one(Lost::Fail, TAKE, &[&key, &part, &from, &now]).await?,
        };
        if let Some(row) = done {
            let version: i64 = row.try_get(0)?;
            return Ok(Swapped::Done(version.try_into()?));
        }
        // A session that is there now was there before, since no key comes back.
        let Some(row) = self.query_one(Lost::RunAgain, HAS_PART, &[&key, &part, &now]).await? else {
            return Ok(Swapped::Gone);
        };
        let was_absent = change.value.is_none() && from == 0 && !row.try_get::<_, bool>(0)?;
        Ok(if was_absent { Swapped::Done(0) } else { Swapped::Conflict })
    }

    async fn touch(&self, key: &Key, expires: Timestamp, now: Timestamp) -> Result<()> {
        self.query(Lost::RunAgain, TOUCH, &[&bytes(key), &time(expires), &time(now)]).await.map(drop)
    }

    async fn rename(&self, from: &Key, to: &Key, new: NewSession<'_>) -> Result<bool> {
        for _ in 1..ATTEMPTS {
            let mut client = self.pool.get().await?;
            match rename(&mut client, from, to, new).await {
                Err(err) => Lost::Fail.check(err, client)?,
                done => return done,
            }
        }
        rename(&mut self.pool.get().await?, from, to, new).await
    }

    async fn remove(&self, key: &Key) -> Result<()> {
        self.query(Lost::RunAgain, REMOVE, &[&bytes(key)]).await.map(drop)
    }

    async fn remove_owned(&self, owner: &str, except: Option<&Key>) -> Result<()> {
        for _ in 1..ATTEMPTS {
            let mut client = self.pool.get().await?;
            match remove_owned(&mut client, owner, except).await {
                Err(err) => Lost::RunAgain.check(err, client)?,
                done => return done,
            }
        }
        remove_owned(&mut self.pool.get().await?, owner, except).await
    }

    async fn sweep(&self, now: Timestamp) -> Result<u64> {
        let swept = self.query_one(Lost::RunAgain, SWEEP, &[&time(now)]).await?;
        let number: i64 = swept.ok_or("the sweep gave no number")?.try_get(0)?;
        Ok(number.try_into()?)
    }
}

async fn rename(client: &mut Client, from: &Key, to: &Key, new: NewSession<'_>) -> Result<bool> {
    let owner = new.owner.map(str::as_bytes);
    let (created, expires, part) = (time(new.created), time(new.expires), new.part.as_bytes());
    let transaction = begin(client).await?;
    let rename = transaction.prepare_cached(RENAME).await?;
    let params: Params<'_> = &[&bytes(from), &bytes(to), &owner, &created, &expires];
    if transaction.execute(&rename, params).await? == 0 {
        transaction.rollback().await?;
        return Ok(false);
    }
    let put = transaction.prepare_cached(PUT).await?;
    transaction.execute(&put, &[&bytes(to), &part, &new.value]).await?;
    transaction.commit().await?;
    Ok(true)
}

async fn remove_owned(client: &mut Client, owner: &str, except: Option<&Key>) -> Result<()> {
    let (owner, except) = (owner.as_bytes(), except.map(bytes));
    let transaction = begin(client).await?;
    let lock = transaction.prepare_cached(LOCK_OWNED).await?;
    // One that was renamed in the meantime is here with its new key.
    let locked = transaction.query(&lock, &[&owner, &except]).await?;
    let keys = locked.iter().map(|row| row.try_get(0)).collect::<Result<Vec<&[u8]>, _>>()?;
    if !keys.is_empty() {
        let remove = transaction.prepare_cached(REMOVE_ALL).await?;
        transaction.execute(&remove, &[&keys]).await?;
    }
    transaction.commit().await?;
    Ok(())
}
