//! Sessions in Redis.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::fmt::Write;

use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{AsyncCommands, Client, IntoConnectionInfo, Script, ScriptInvocation};

use super::store::{NewSession, PartChange, Store, StoreError, StoredPart, StoredSession, Swapped};
use super::timestamp::Timestamp;
use super::token::Key;

/// Keeps sessions in Redis, or in Valkey: for processes on several machines.
///
/// Each operation is one round trip, and atomic by a script in Lua. Redis lets sessions expire by itself. The keys begin with
/// `connect:session:` by default. The scripts make keys of their own, so Redis Cluster is not supported. What Redis loses in a crash is lost: with
/// `appendfsync everysec`, the changes and logouts of the last second. Needs the feature `session-redis`.
pub struct RedisStore {
    connection: ConnectionManager,
    prefix: String,
    scripts: Scripts,
}

struct Scripts {
    create: Script,
    swap: Script,
    touch: Script,
    rename: Script,
    remove: Script,
    remove_owned: Script,
}

/// A session is a hash: `o`, the owner; `c` and `e`, when it was created and expires; `v`, the highest version; `p:name`, a
/// part, with its version and a colon in front of the value. The keys of an owner are in a sorted set, by the time at which they expire.
const COMMON: &str = "
    local function is_there(key, now)
        local e = redis.call('HGET', key, 'e')
        return e and tonumber(e) > tonumber(now)
    end
    local function put(key, part, value)
        local version = redis.call('HINCRBY', key, 'v', 1)
        redis.call('HSET', key, 'p:' .. part, version .. ':' .. value)
        return version
    end
    local function own(prefix, owner, id, expires)
        local set = prefix .. 'o:' .. owner
        redis.call('ZADD', set, expires, id)
        local last = redis.call('ZREVRANGE', set, 0, 0, 'WITHSCORES')
        redis.call('PEXPIREAT', set, last[2])
    end
    local function disown(prefix, key, id)
        local owner = redis.call('HGET', key, 'o')
        if owner then redis.call('ZREM', prefix .. 'o:' .. owner, id) end
    end
    local function begin(prefix, id, has_owner, owner, created, expires, part, value)
        local key = prefix .. 's:' .. id
        redis.call('HSET', key, 'c', created, 'e', expires)
        put(key, part, value)
        redis.call('PEXPIREAT', key, expires)
        if has_owner == '1' then
            redis.call('ZREMRANGEBYSCORE', prefix .. 'o:' .. owner, '-inf', created)
            redis.call('HSET', key, 'o', owner)
            own(prefix, owner, id, expires)
        else
            redis.call('HDEL', key, 'o')
        end
    end
    local prefix, id = ARGV[1], ARGV[2]
    local key = prefix .. 's:' .. id
";

const CREATE: &str = "begin(prefix, id, unpack(ARGV, 3)) return 0";

const SWAP: &str = "
    local now, part, from, has_value, value = unpack(ARGV, 3)
    if not is_there(key, now) then return -2 end
    local stored = redis.call('HGET', key, 'p:' .. part)
    local version = stored and string.match(stored, '^%d+') or '0'
    if version ~= from then return -1 end
    if has_value == '0' then
        redis.call('HDEL', key, 'p:' .. part)
        return 0
    end
    return put(key, part, value)
";

const TOUCH: &str = "
    local expires, now = unpack(ARGV, 3)
    if is_there(key, now) and tonumber(redis.call('HGET', key, 'e')) < tonumber(expires) then
        redis.call('HSET', key, 'e', expires)
        redis.call('PEXPIREAT', key, expires)
        local owner = redis.call('HGET', key, 'o')
        if owner then own(prefix, owner, id, expires) end
    end
    return 0
";

const RENAME: &str = "
    local to, created = ARGV[3], ARGV[6]
    if not is_there(key, created) then return 0 end
    disown(prefix, key, id)
    redis.call('RENAME', key, prefix .. 's:' .. to)
    begin(prefix, to, unpack(ARGV, 4))
    return 1
";

const REMOVE: &str = "disown(prefix, key, id) redis.call('DEL', key) return 0";

/// Here the id is that of the session that stays, or empty.
const REMOVE_OWNED: &str = "
    local set = prefix .. 'o:' .. ARGV[3]
    for _, other in ipairs(redis.call('ZRANGE', set, 0, -1)) do
        if other ~= id then
            redis.call('DEL', prefix .. 's:' .. other)
            redis.call('ZREM', set, other)
        end
    end
    return 0
";

fn script(code: &str) -> Script {
    Script::new(&format!("{COMMON}{code}"))
}

impl RedisStore {
    /// Sessions at an address, as `redis://127.0.0.1/`. The connection is made by the first operation, and again when it was lost.
    /// It is to be called in a tokio runtime.
    ///
    /// # Errors
    /// If it is no address of Redis.
    pub fn new(address: impl IntoConnectionInfo) -> connect::Result<Self> {
        let client = Client::open(address)?;
        let connection = ConnectionManager::new_lazy_with_config(client, ConnectionManagerConfig::new())?;
        Ok(Self::with_connection(connection))
    }

    /// Sessions over a connection that the application has made, with its own options.
    #[must_use]
    pub fn with_connection(connection: ConnectionManager) -> Self {
        let scripts = Scripts {
            create: script(CREATE),
            swap: script(SWAP),
            touch: script(TOUCH),
            rename: script(RENAME),
            remove: script(REMOVE),
            remove_owned: script(REMOVE_OWNED),
        };
        RedisStore { connection, prefix: "connect:session:".to_owned(), scripts }
    }

    /// Sets what the keys in Redis begin with: by default `connect:session:`.
    #[must_use]
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    fn script<'a>(&'a self, script: &'a Script, id: &str) -> ScriptInvocation<'a> {
        let mut invocation = script.prepare_invoke();
        invocation.arg(&self.prefix).arg(id);
        invocation
    }

    async fn run(&self, invocation: &ScriptInvocation<'_>) -> Result<i64, StoreError> {
        Ok(invocation.invoke_async(&mut self.connection.clone()).await?)
    }
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}

/// The key in hexadecimal digits.
fn id(key: &Key) -> String {
    key.as_bytes().iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Lua has numbers of 53 bits.
fn time(timestamp: Timestamp) -> u64 {
    timestamp.as_millis().min((1 << 53) - 1)
}

fn add_session(invocation: &mut ScriptInvocation<'_>, new: NewSession<'_>) {
    invocation
        .arg(u8::from(new.owner.is_some()))
        .arg(new.owner.unwrap_or_default())
        .arg(time(new.created))
        .arg(time(new.expires))
        .arg(new.part)
        .arg(new.value);
}

fn session(fields: HashMap<String, Vec<u8>>) -> Option<StoredSession> {
    let number = |value: &[u8]| std::str::from_utf8(value).ok()?.parse().ok();
    let time = |name: &str| number(fields.get(name)?).map(Timestamp::from_millis);
    let owner = fields.get("o").map(|owner| String::from_utf8_lossy(owner).into_owned());
    let (created, expires) = (time("c")?, time("e")?);
    let mut parts = BTreeMap::new();
    for (name, stored) in &fields {
        let Some(name) = name.strip_prefix("p:") else { continue };
        let end = stored.iter().position(|byte| *byte == b':')?;
        let part = StoredPart { version: number(&stored[..end])?, value: stored[end + 1..].to_owned() };
        parts.insert(name.to_owned(), part);
    }
    Some(StoredSession { owner, created, expires, parts })
}

impl Store for RedisStore {
    async fn create(&self, key: &Key, new: NewSession<'_>) -> Result<(), StoreError> {
        let mut invocation = self.script(&self.scripts.create, &id(key));
        add_session(&mut invocation, new);
        self.run(&invocation).await.map(drop)
    }

    async fn load(&self, key: &Key, now: Timestamp) -> Result<Option<StoredSession>, StoreError> {
        let key = format!("{}s:{}", self.prefix, id(key));
        let fields: HashMap<String, Vec<u8>> = self.connection.clone().hgetall(key).await?;
        if fields.is_empty() {
            return Ok(None);
        }
        let session =
            session(fields).ok_or("a session in Redis is not of the form that this store writes")?;
        Ok((session.expires > now).then_some(session))
    }

    async fn swap(&self, key: &Key, change: PartChange<'_>, now: Timestamp) -> Result<Swapped, StoreError> {
        let mut invocation = self.script(&self.scripts.swap, &id(key));
        invocation.arg(time(now)).arg(change.part).arg(change.from);
        invocation.arg(u8::from(change.value.is_some())).arg(change.value.unwrap_or_default());
        Ok(match self.run(&invocation).await? {
            -2 => Swapped::Gone,
            -1 => Swapped::Conflict,
            version => Swapped::Done(version.try_into()?),
        })
    }

    async fn touch(&self, key: &Key, expires: Timestamp, now: Timestamp) -> Result<(), StoreError> {
        let mut invocation = self.script(&self.scripts.touch, &id(key));
        invocation.arg(time(expires)).arg(time(now));
        self.run(&invocation).await.map(drop)
    }

    async fn rename(&self, from: &Key, to: &Key, new: NewSession<'_>) -> Result<bool, StoreError> {
        let mut invocation = self.script(&self.scripts.rename, &id(from));
        invocation.arg(id(to));
        add_session(&mut invocation, new);
        Ok(self.run(&invocation).await? == 1)
    }

    async fn remove(&self, key: &Key) -> Result<(), StoreError> {
        self.run(&self.script(&self.scripts.remove, &id(key))).await.map(drop)
    }

    async fn remove_owned(&self, owner: &str, except: Option<&Key>) -> Result<(), StoreError> {
        let mut invocation = self.script(&self.scripts.remove_owned, &except.map(id).unwrap_or_default());
        invocation.arg(owner);
        self.run(&invocation).await.map(drop)
    }

    /// Redis does so by itself.
    async fn sweep(&self, _now: Timestamp) -> Result<u64, StoreError> {
        Ok(0)
    }
}

#[cfg(test)]
#[path = "../../tests/redis_server/mod.rs"]
mod redis_server;

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::super::suite::Alternating;
    use super::super::{Key, NewSession, Store, Timestamp, model, suite};
    use super::RedisStore;
    use super::redis_server::RedisServer;

    fn store(server: &RedisServer) -> RedisStore {
        RedisStore::new(server.address()).unwrap()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn two_connections_to_one_server() {
        let Some(server) = RedisServer::start() else { return };
        suite::all(Alternating::new(store(&server), store(&server))).await;
        // Another prefix is another store.
        suite::all(store(&server).prefix("other:")).await;
    }

    #[tokio::test]
    async fn interleavings() {
        let Some(server) = RedisServer::start() else { return };
        let store = Arc::new(Alternating::new(store(&server), store(&server)));
        model::interleavings(200, || Arc::clone(&store)).await;
    }

    #[tokio::test]
    async fn a_session_expires_in_redis_and_a_server_that_is_gone_is_an_error() {
        let Some(mut server) = RedisServer::start() else { return };
        let (store, now) = (store(&server), Timestamp::now());
        let key = Key::from_bytes([1; 32]);
        let expires = Timestamp::from_millis(now.as_millis() + 200);
        let new = NewSession { owner: Some("ann"), created: now, expires, part: "a", value: b"1" };
        store.create(&key, new).await.unwrap();
        assert!(store.load(&key, now).await.unwrap().is_some());
        tokio::time::sleep(Duration::from_millis(400)).await;
        let left: i64 = redis::cmd("DBSIZE").query_async(&mut store.connection.clone()).await.unwrap();
        assert_eq!((store.load(&key, now).await.unwrap(), left), (None, 0));
        server.process.kill().unwrap();
        server.process.wait().unwrap();
        let answer = tokio::time::timeout(Duration::from_secs(20), store.load(&key, now)).await;
        assert!(answer.expect("an answer").is_err());
    }
}
