//! What each store has to do: the tests that all of them pass.

#[cfg(any(feature = "session-postgres", feature = "session-redis", feature = "session-sqlite"))]
mod alternating;
mod naive;

use std::sync::Arc;

#[cfg(any(feature = "session-postgres", feature = "session-redis", feature = "session-sqlite"))]
pub(super) use self::alternating::Alternating;
use super::store::{NewSession, PartChange, Store, StoreError, StoredSession, Swapped};
use super::timestamp::Timestamp;
use super::token::Key;

/// Random numbers of a seed, the same on each machine (splitmix64).
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
        usize::try_from(z % u64::try_from(end).unwrap()).unwrap()
    }

    /// True once in so many times.
    pub(super) fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }
}

/// A seed of this run, or the one that `SESSION_SEED` says.
pub(super) fn seed() -> u64 {
    match std::env::var("SESSION_SEED") {
        Ok(seed) => seed.parse().expect("SESSION_SEED is a number"),
        Err(_) => Timestamp::now().as_millis(),
    }
}

fn key(number: u8) -> Key {
    Key::from_bytes([number; 32])
}

/// Times are in the far future, so that a store that lets sessions expire by a clock of its own takes no part.
const BEGIN: u64 = 4_000_000_000_000;

fn at(millis: u64) -> Timestamp {
    Timestamp::from_millis(BEGIN + millis)
}

fn new<'a>(owner: Option<&'a str>, part: &'a str, value: &'a [u8]) -> NewSession<'a> {
    NewSession { owner, created: at(0), expires: at(1000), part, value }
}

fn change<'a>(part: &'a str, from: u64, value: &'a [u8]) -> PartChange<'a> {
    PartChange { part, from, value: Some(value) }
}

fn version(session: &StoredSession, part: &str) -> u64 {
    session.parts.get(part).map_or(0, |part| part.version)
}

fn value(session: &StoredSession, part: &str) -> Vec<u8> {
    session.parts[part].value.clone()
}

/// All of it, on an empty store.
pub(super) async fn all(store: impl Store) {
    let store = Arc::new(store);
    a_session_is_read_as_it_was_put_in(&*store).await;
    a_part_is_changed_from_its_version_alone(&*store).await;
    a_version_does_not_come_back(&*store).await;
    a_session_ends_in_time(&*store).await;
    a_rename_leaves_nothing_behind(&*store).await;
    what_is_gone_stays_gone(&*store).await;
    the_sessions_of_an_owner_are_found(&*store).await;
    bytes_and_names_of_all_kinds_are_kept(&*store).await;
    one_of_many_changes_at_a_time(&store).await;
    for key in 0..=255 {
        store.remove(&self::key(key)).await.unwrap();
    }
    naive::as_a_naive_store(&*store, seed(), 3000).await;
}

async fn a_session_is_read_as_it_was_put_in(store: &impl Store) {
    assert_eq!(store.load(&key(1), at(0)).await.unwrap(), None);
    store.create(&key(1), new(None, "cart", b"1")).await.unwrap();
    let session = store.load(&key(1), at(1)).await.unwrap().unwrap();
    assert_eq!((&session.owner, session.created, session.expires), (&None, at(0), at(1000)));
    assert_eq!(session.parts.len(), 1);
    assert_eq!(value(&session, "cart"), b"1");
    assert_ne!(version(&session, "cart"), 0);
    assert_eq!(store.load(&key(2), at(1)).await.unwrap(), None);
}

async fn a_part_is_changed_from_its_version_alone(store: &impl Store) {
    store.create(&key(3), new(None, "cart", b"1")).await.unwrap();
    let first = version(&store.load(&key(3), at(1)).await.unwrap().unwrap(), "cart");
    for wrong in [0, first + 1, u64::from(u32::MAX)] {
        assert_eq!(store.swap(&key(3), change("cart", wrong, b"x"), at(1)).await.unwrap(), Swapped::Conflict);
    }
    assert_eq!(store.swap(&key(3), change("new", 1, b"x"), at(1)).await.unwrap(), Swapped::Conflict);
    let Swapped::Done(second) = store.swap(&key(3), change("cart", first, b"2"), at(1)).await.unwrap() else {
        panic!("not changed")
    };
    assert_eq!(
        store.swap(&key(3), change("cart", first, b"3"), at(1)).await.unwrap(),
        Swapped::Conflict,
        "the older version"
    );
    let Swapped::Done(other) = store.swap(&key(3), change("new", 0, b"n"), at(1)).await.unwrap() else {
        panic!("not put in")
    };
    let session = store.load(&key(3), at(1)).await.unwrap().unwrap();
    assert_eq!((version(&session, "cart"), version(&session, "new")), (second, other));
    assert_eq!((&*value(&session, "cart"), &*value(&session, "new")), (&b"2"[..], &b"n"[..]));
}

async fn a_version_does_not_come_back(store: &impl Store) {
    store.create(&key(4), new(None, "cart", b"1")).await.unwrap();
    let mut seen = vec![version(&store.load(&key(4), at(1)).await.unwrap().unwrap(), "cart")];
    for _ in 0..3 {
        let from = *seen.last().unwrap();
        let removed = PartChange { part: "cart", from, value: None };
        assert_eq!(store.swap(&key(4), removed, at(1)).await.unwrap(), Swapped::Done(0));
        assert!(store.load(&key(4), at(1)).await.unwrap().unwrap().parts.is_empty());
        assert_eq!(store.swap(&key(4), removed, at(1)).await.unwrap(), Swapped::Conflict);
        let Swapped::Done(next) = store.swap(&key(4), change("cart", 0, b"1"), at(1)).await.unwrap() else {
            panic!("not put in again")
        };
        assert!(!seen.contains(&next), "{next} of {seen:?}");
        seen.push(next);
    }
}

async fn a_session_ends_in_time(store: &impl Store) {
    store.create(&key(5), new(Some("eve"), "cart", b"1")).await.unwrap();
    assert!(store.load(&key(5), at(999)).await.unwrap().is_some());
    assert_eq!(store.load(&key(5), at(1000)).await.unwrap(), None);
    store.touch(&key(5), at(2000), at(999)).await.unwrap();
    store.touch(&key(5), at(1500), at(999)).await.unwrap();
    assert_eq!(store.load(&key(5), at(1999)).await.unwrap().unwrap().expires, at(2000));
    assert_eq!(store.swap(&key(5), change("new", 0, b"1"), at(2000)).await.unwrap(), Swapped::Gone);
    store.touch(&key(5), at(3000), at(2000)).await.unwrap();
    assert_eq!(store.load(&key(5), at(2001)).await.unwrap(), None, "touched after its end");
    let again = NewSession { created: at(2000), expires: at(4000), ..new(None, "login", b"1") };
    assert!(!store.rename(&key(5), &key(6), again).await.unwrap(), "renamed after its end");
    assert_eq!(store.load(&key(6), at(2000)).await.unwrap(), None);
    // A store that does so by itself does it by the clock of the system.
    if store.sweep(at(2000)).await.unwrap() > 0 {
        assert_eq!(store.load(&key(5), at(1500)).await.unwrap(), None, "not swept");
    }
    store.remove(&key(5)).await.unwrap();
    store.create(&key(5), NewSession { expires: at(9000), ..new(None, "cart", b"1") }).await.unwrap();
    store.sweep(at(2000)).await.unwrap();
    assert!(store.load(&key(5), at(2000)).await.unwrap().is_some(), "swept too early");
    store.remove(&key(5)).await.unwrap();
}

async fn a_rename_leaves_nothing_behind(store: &impl Store) {
    store.create(&key(7), new(None, "cart", b"1")).await.unwrap();
    let cart = version(&store.load(&key(7), at(1)).await.unwrap().unwrap(), "cart");
    let login = NewSession { created: at(5), expires: at(2005), ..new(Some("ann"), "login", b"ann") };
    assert!(store.rename(&key(7), &key(8), login).await.unwrap());
    assert_eq!(store.load(&key(7), at(5)).await.unwrap(), None);
    assert_eq!(store.swap(&key(7), change("cart", cart, b"x"), at(5)).await.unwrap(), Swapped::Gone);
    store.touch(&key(7), at(9000), at(5)).await.unwrap();
    assert!(!store.rename(&key(7), &key(9), login).await.unwrap());
    let session = store.load(&key(8), at(2000)).await.unwrap().unwrap();
    assert_eq!((session.owner.as_deref(), session.created, session.expires), (Some("ann"), at(5), at(2005)));
    assert_eq!((version(&session, "cart"), &*value(&session, "cart")), (cart, &b"1"[..]));
    assert!(version(&session, "login") > 0 && version(&session, "login") != cart);
    assert_eq!(value(&session, "login"), b"ann");
    let other = NewSession { created: at(6), ..new(Some("ann"), "login", b"ann, admin") };
    assert!(store.rename(&key(8), &key(9), other).await.unwrap());
    assert_eq!(store.load(&key(8), at(6)).await.unwrap(), None);
    let session = store.load(&key(9), at(6)).await.unwrap().unwrap();
    assert_eq!((session.parts.len(), value(&session, "login")), (2, b"ann, admin".to_vec()));
    store.remove_owned("ann", None).await.unwrap();
}

async fn what_is_gone_stays_gone(store: &impl Store) {
    store.create(&key(10), new(None, "cart", b"1")).await.unwrap();
    let cart = version(&store.load(&key(10), at(1)).await.unwrap().unwrap(), "cart");
    store.remove(&key(10)).await.unwrap();
    store.remove(&key(10)).await.unwrap();
    assert_eq!(store.swap(&key(10), change("cart", cart, b"2"), at(1)).await.unwrap(), Swapped::Gone);
    assert_eq!(store.swap(&key(10), change("new", 0, b"2"), at(1)).await.unwrap(), Swapped::Gone);
    store.touch(&key(10), at(9000), at(1)).await.unwrap();
    assert!(!store.rename(&key(10), &key(11), new(None, "login", b"1")).await.unwrap());
    for gone in [10, 11] {
        assert_eq!(store.load(&key(gone), at(1)).await.unwrap(), None);
    }
}

async fn the_sessions_of_an_owner_are_found(store: &impl Store) {
    for (number, owner) in
        [(20, Some("ann")), (21, Some("ann")), (22, Some("bob")), (23, None), (24, Some("ann"))]
    {
        store.create(&key(number), new(owner, "cart", b"1")).await.unwrap();
    }
    // One that becomes hers, and one that is no longer hers.
    assert!(store.rename(&key(23), &key(25), new(Some("ann"), "login", b"1")).await.unwrap());
    assert!(store.rename(&key(24), &key(26), new(Some("bob"), "login", b"1")).await.unwrap());
    let there = async |number| store.load(&key(number), at(1)).await.unwrap().is_some();
    store.remove_owned("ann", Some(&key(20))).await.unwrap();
    assert!(there(20).await && !there(21).await && there(22).await && !there(25).await && there(26).await);
    store.remove_owned("nobody", None).await.unwrap();
    store.remove_owned("ann", None).await.unwrap();
    assert!(!there(20).await && there(22).await && there(26).await);
    // A session under another key that is not theirs does not stop it.
    store.remove_owned("bob", Some(&key(20))).await.unwrap();
    assert!(!there(22).await && !there(26).await);
}

async fn bytes_and_names_of_all_kinds_are_kept(store: &impl Store) {
    let all: Vec<u8> = (0..=255).collect();
    let large = vec![7; 300_000];
    let owner = "o'wner \" {} * : % \u{1f980}";
    store.create(&key(30), new(Some(owner), "", b"")).await.unwrap();
    for (name, value) in
        [("it's: \"a\" p*rt \u{e9}", &all), ("large", &large), ("version", &all), ("owner", &all)]
    {
        assert!(matches!(
            store.swap(&key(30), change(name, 0, value), at(1)).await.unwrap(),
            Swapped::Done(_)
        ));
        assert_eq!(&self::value(&store.load(&key(30), at(1)).await.unwrap().unwrap(), name), value);
    }
    let session = store.load(&key(30), at(1)).await.unwrap().unwrap();
    assert_eq!((session.parts.len(), value(&session, "")), (5, Vec::new()));
    assert_eq!(session.owner.as_deref(), Some(owner));
    store.remove_owned(owner, None).await.unwrap();
    assert_eq!(store.load(&key(30), at(1)).await.unwrap(), None);
}

/// Eight tasks count to 25 each, in one part and in one of their own.
async fn one_of_many_changes_at_a_time<S: Store>(store: &Arc<S>) {
    store.create(&key(40), new(None, "all", b"0")).await.unwrap();
    let tasks: Vec<_> = (0..8)
        .map(|task| {
            let store = Arc::clone(store);
            tokio::spawn(async move {
                for _ in 0..25 {
                    count(&*store, "all").await;
                    count(&*store, &format!("own {task}")).await;
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let session = store.load(&key(40), at(1)).await.unwrap().unwrap();
    assert_eq!(value(&session, "all"), b"200");
    for task in 0..8 {
        assert_eq!(value(&session, &format!("own {task}")), b"25");
    }
    store.remove(&key(40)).await.unwrap();
}

async fn count(store: &impl Store, part: &str) {
    loop {
        let session = store.load(&key(40), at(1)).await.unwrap().unwrap();
        let stored = session.parts.get(part);
        let number: u32 = stored.map_or(0, |part| std::str::from_utf8(&part.value).unwrap().parse().unwrap());
        let next = (number + 1).to_string();
        let from = stored.map_or(0, |part| part.version);
        match store.swap(&key(40), change(part, from, next.as_bytes()), at(1)).await.unwrap() {
            Swapped::Done(_) => return,
            Swapped::Conflict => {}
            Swapped::Gone => panic!("the session is gone"),
        }
    }
}

#[tokio::test]
async fn memory() -> Result<(), StoreError> {
    use super::memory::MemoryStore;
    all(MemoryStore::new()).await;
    // The one that expires first makes room, and one of nobody before one of somebody.
    let store = MemoryStore::with_capacity(3);
    for (number, owner, expires) in [(1, Some("ann"), 10), (2, None, 30), (3, None, 20), (4, None, 40)] {
        store.create(&key(number), NewSession { expires: at(expires), ..new(owner, "a", b"1") }).await?;
    }
    assert_eq!(store.len(), 3);
    assert!(store.load(&key(3), at(0)).await?.is_none());
    for number in 5..=6 {
        store.create(&key(number), new(Some("bob"), "a", b"1")).await?;
    }
    assert!(store.load(&key(1), at(0)).await?.is_some());
    store.create(&key(7), new(None, "a", b"1")).await?;
    assert!(store.load(&key(1), at(0)).await?.is_none());
    assert_eq!((store.len(), store.sweep(at(1000)).await?, store.is_empty()), (3, 3, true));
    Ok(())
}
