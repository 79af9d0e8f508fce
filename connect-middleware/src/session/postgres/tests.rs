use std::sync::Arc;

use deadpool_postgres::{Manager, Pool};
use tokio::task::JoinSet;
use tokio_postgres::NoTls;

use super::super::suite::Alternating;
use super::super::{Key, NewSession, PartChange, Store, Swapped, Timestamp, model, suite};
use super::PostgresStore;
use server::Server;

#[path = "../../../tests/support/postgres.rs"]
mod server;

const NOW: Timestamp = Timestamp::from_millis(1000);

async fn store(server: &Server) -> PostgresStore {
    PostgresStore::connect(server.url()).await.unwrap()
}

fn key(number: usize) -> Key {
    let mut bytes = [7; 32];
    bytes[..8].copy_from_slice(&number.to_be_bytes());
    Key::from_bytes(bytes)
}

fn new<'a>(owner: Option<&'a str>, part: &'a str, value: &'a [u8]) -> NewSession<'a> {
    NewSession { owner, created: NOW, expires: Timestamp::from_millis(9000), part, value }
}

async fn number(store: &PostgresStore, sql: &str) -> i64 {
    store.pool.get().await.unwrap().query_one(sql, &[]).await.unwrap().get(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn one_store() {
    let Some(server) = Server::start() else { return };
    suite::all(store(&server).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_stores_of_one_database() {
    let Some(server) = Server::start() else { return };
    suite::all(Alternating::new(store(&server).await, store(&server).await)).await;
}

#[tokio::test]
async fn interleavings() {
    let Some(server) = Server::start() else { return };
    let store = Arc::new(Alternating::new(store(&server).await, store(&server).await));
    model::interleavings(100, || Arc::clone(&store)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tables_are_made_once_and_need_no_rights_when_they_are_there() {
    let Some(server) = Server::start() else { return };
    let mut starting = JoinSet::new();
    for _ in 0..6 {
        starting.spawn(PostgresStore::connect(server.url()));
    }
    while let Some(store) = starting.join_next().await {
        store.unwrap().unwrap();
    }
    let owner = store(&server).await;
    owner.create(&key(1), new(Some("ann"), "a", b"1")).await.unwrap();
    let grant = "CREATE ROLE guest LOGIN;
        REVOKE CREATE ON SCHEMA public FROM PUBLIC;
        GRANT SELECT, INSERT, UPDATE, DELETE ON connect_session, connect_session_part TO guest;
        GRANT USAGE ON SEQUENCE connect_session_version TO guest";
    owner.pool.get().await.unwrap().batch_execute(grant).await.unwrap();
    let config = server.url().replace("connect@", "guest@").parse().unwrap();
    let pool = Pool::builder(Manager::new(config, NoTls)).max_size(2).build().unwrap();
    let guest = PostgresStore::with_pool(pool).await.unwrap();
    assert!(guest.load(&key(1), NOW).await.unwrap().is_some());
    assert!(guest.rename(&key(1), &key(2), new(Some("ann"), "login", b"1")).await.unwrap());
    guest.remove_owned("ann", None).await.unwrap();
    assert_eq!(owner.load(&key(2), NOW).await.unwrap(), None);
    for wrong in ["no url", "postgres://nobody@127.0.0.1:1/x", &server.url().replace("/postgres", "/none")] {
        assert!(PostgresStore::connect(wrong).await.is_err(), "{wrong}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_connection_is_replaced() {
    let Some(mut server) = Server::start() else { return };
    let store = store(&server).await;
    store.create(&key(1), new(Some("ann"), "a", b"1")).await.unwrap();
    for _ in 0..20 {
        let end = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
            WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'";
        // From a connection of its own, so that all of the store's are ended.
        let other = PostgresStore::connect(server.url()).await.unwrap();
        assert!(number(&other, end).await >= 1);
        assert!(store.load(&key(1), NOW).await.unwrap().is_some());
    }
    server.stop();
    assert!(store.load(&key(1), NOW).await.is_err());
    assert!(server.run());
    assert!(store.load(&key(1), NOW).await.unwrap().is_some());
    let version = store.load(&key(1), NOW).await.unwrap().unwrap().parts["a"].version;
    let change = PartChange { part: "a", from: version, value: Some(b"2") };
    assert!(matches!(store.swap(&key(1), change, NOW).await.unwrap(), Swapped::Done(_)));
}

/// What an isolation level that ends concurrent changes with an error does is not seen.
#[tokio::test(flavor = "multi_thread")]
async fn changes_that_postgres_ends_are_run_again() {
    let Some(server) = Server::start() else { return };
    let set = "ALTER ROLE connect SET default_transaction_isolation = 'serializable'";
    store(&server).await.pool.get().await.unwrap().batch_execute(set).await.unwrap();
    let strict = store(&server).await;
    let level = strict.pool.get().await.unwrap().query_one("SHOW transaction_isolation", &[]).await.unwrap();
    assert_eq!(level.get::<_, &str>(0), "serializable");
    races(Arc::new(strict)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_operations_at_the_same_time_are_as_if_one_came_first() {
    let Some(server) = Server::start() else { return };
    races(Arc::new(store(&server).await)).await;
}

/// Any text is an owner or the name of a part.
#[tokio::test(flavor = "multi_thread")]
async fn a_name_may_have_any_character() {
    let Some(server) = Server::start() else { return };
    let store = store(&server).await;
    let odd = "\0'\u{1f980}\\";
    store.create(&key(1), new(Some(odd), odd, b"1")).await.unwrap();
    let session = store.load(&key(1), NOW).await.unwrap().unwrap();
    assert_eq!((session.owner.as_deref(), &*session.parts[odd].value), (Some(odd), &b"1"[..]));
    store.remove_owned(odd, None).await.unwrap();
    assert_eq!(store.load(&key(1), NOW).await.unwrap(), None);
}

async fn races(store: Arc<PostgresStore>) {
    let mut seen = [0; 8];
    let mut last = 0;
    let mut next = || {
        last += 1;
        key(last)
    };
    for _ in 0..150 {
        // A login again, and the end of all sessions of the owner: in each order the session is gone.
        let (old, renamed) = (next(), next());
        store.create(&old, new(Some("ann"), "cart", b"1")).await.unwrap();
        let (done, ended) = tokio::join!(
            {
                let store = Arc::clone(&store);
                spawn(
                    async move { store.rename(&old, &renamed, new(Some("ann"), "login", b"1")).await.unwrap() },
                )
            },
            {
                let store = Arc::clone(&store);
                spawn(async move { store.remove_owned("ann", None).await.unwrap() })
            },
        );
        let () = ended;
        seen[usize::from(done)] += 1;
        for key in [old, renamed] {
            assert_eq!(store.load(&key, NOW).await.unwrap(), None);
        }

        // A change and a login: the change is in the session with the new key, or was told that there is none.
        for from_nothing in [false, true] {
            let (old, renamed) = (next(), next());
            store.create(&old, new(None, "cart", b"1")).await.unwrap();
            let version = store.load(&old, NOW).await.unwrap().unwrap().parts["cart"].version;
            let (part, from) = if from_nothing { ("other", 0) } else { ("cart", version) };
            let (swapped, done) = tokio::join!(
                {
                    let store = Arc::clone(&store);
                    spawn(async move {
                        store.swap(&old, PartChange { part, from, value: Some(b"2") }, NOW).await.unwrap()
                    })
                },
                {
                    let store = Arc::clone(&store);
                    spawn(async move {
                        store.rename(&old, &renamed, new(Some("bob"), "login", b"1")).await.unwrap()
                    })
                },
            );
            assert!(done);
            let session = store.load(&renamed, NOW).await.unwrap().unwrap();
            let value = session.parts.get(part).map(|part| part.value.clone());
            match swapped {
                Swapped::Done(_) => assert_eq!(value.as_deref(), Some(&b"2"[..])),
                Swapped::Gone => assert_eq!(value.as_deref(), (!from_nothing).then_some(&b"1"[..])),
                Swapped::Conflict => panic!("nobody else has changed the part"),
            }
            seen[2 + usize::from(swapped == Swapped::Gone)] += 1;
        }

        // Two changes of one version: one of them counts. A removal beside them leaves nothing.
        let session = next();
        store.create(&session, new(Some("bob"), "cart", b"1")).await.unwrap();
        let swap = |store: Arc<PostgresStore>, value: &'static [u8]| {
            spawn(async move {
                let change = PartChange { part: "new", from: 0, value: Some(value) };
                store.swap(&session, change, NOW).await.unwrap()
            })
        };
        let (one, other) = tokio::join!(swap(Arc::clone(&store), b"one"), swap(Arc::clone(&store), b"other"));
        assert_eq!(
            [one, other].iter().filter(|swapped| **swapped == Swapped::Conflict).count(),
            1,
            "{one:?} {other:?}"
        );
        let remove = {
            let store = Arc::clone(&store);
            spawn(async move { store.remove(&session).await.unwrap() })
        };
        let add = {
            let store = Arc::clone(&store);
            spawn(async move {
                let change = PartChange { part: "late", from: 0, value: Some(b"1") };
                store.swap(&session, change, NOW).await.unwrap()
            })
        };
        let ((), late) = tokio::join!(remove, add);
        assert_ne!(late, Swapped::Conflict);
        assert_eq!(store.load(&session, NOW).await.unwrap(), None);
    }

    // Many that end the same sessions, in any order of their rows, beside sweeps and logins.
    for number in 0..200 {
        store.create(&key(100_000 + number), new(Some("eve"), "cart", b"1")).await.unwrap();
    }
    let mut ending = JoinSet::new();
    for task in 0..8 {
        let store = Arc::clone(&store);
        ending.spawn(async move {
            for number in 0..10 {
                let (from, to) = (key(100_000 + task * 20 + number), key(200_000 + task * 20 + number));
                store.rename(&from, &to, new(Some("eve"), "login", b"1")).await.unwrap();
                store.remove_owned("eve", (number < 9).then_some(&to)).await.unwrap();
                store.sweep(Timestamp::from_millis(9000)).await.unwrap();
            }
        });
    }
    while let Some(ended) = ending.join_next().await {
        ended.unwrap();
    }
    store.remove_owned("eve", None).await.unwrap();
    store.remove_owned("bob", None).await.unwrap();
    assert_eq!(number(&store, "SELECT count(*) FROM connect_session").await, 0);
    assert_eq!(number(&store, "SELECT count(*) FROM connect_session_part").await, 0);
    println!("renamed before and after the end, changed before and after the rename: {seen:?}");
}

async fn spawn<T: Send + 'static>(future: impl Future<Output = T> + Send + 'static) -> T {
    tokio::spawn(future).await.unwrap()
}
