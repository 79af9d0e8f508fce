//! What each store of remembered browsers has to do: the tests that all of them pass.

use std::sync::Arc;

use super::store::{NewSeries, RememberStore, Rotation, StoredSeries};
use crate::session::{Key, Timestamp};

fn key(number: u8) -> Key {
    Key::from_bytes([number; 32])
}

fn at(millis: u64) -> Timestamp {
    Timestamp::from_millis(1_000_000 + millis)
}

fn new(owner: &str, token: u8) -> NewSeries<'_> {
    NewSeries { owner, token: key(token), created: at(0), expires: at(1000) }
}

fn rotation(from: u8, to: u8, now: u64) -> Rotation {
    Rotation { from: key(from), to: key(to), now: at(now), expires: at(now + 1000) }
}

/// All of it, on an empty store.
pub(super) async fn all(store: impl RememberStore) {
    let store = Arc::new(store);
    a_series_is_read_as_it_was_put_in_and_rotated(&*store).await;
    a_series_ends_in_time(&*store).await;
    what_is_gone_stays_gone(&*store).await;
    the_series_of_an_owner_are_found(&*store).await;
    one_of_many_rotations(&[store]).await;
}

async fn a_series_is_read_as_it_was_put_in_and_rotated(store: &impl RememberStore) {
    assert_eq!(store.load(&key(1), at(0)).await.unwrap(), None);
    let owner = "o'wner \" % \u{1f980}";
    store.insert(&key(1), new(owner, 10)).await.unwrap();
    let stored = StoredSeries {
        owner: owner.to_owned(),
        token: key(10),
        previous: None,
        created: at(0),
        rotated: at(0),
        expires: at(1000),
    };
    assert_eq!(store.load(&key(1), at(1)).await.unwrap(), Some(stored.clone()));
    assert!(!store.rotate(&key(1), rotation(11, 12, 5)).await.unwrap(), "another token");
    assert_eq!(store.load(&key(1), at(1)).await.unwrap(), Some(stored.clone()));
    assert!(store.rotate(&key(1), rotation(10, 11, 5)).await.unwrap());
    let rotated = StoredSeries {
        token: key(11),
        previous: Some(key(10)),
        rotated: at(5),
        expires: at(1005),
        ..stored.clone()
    };
    assert_eq!(store.load(&key(1), at(6)).await.unwrap(), Some(rotated.clone()));
    assert!(!store.rotate(&key(1), rotation(10, 13, 6)).await.unwrap(), "the token of before");
    assert!(store.rotate(&key(1), rotation(11, 12, 7)).await.unwrap());
    let again = StoredSeries {
        token: key(12),
        previous: Some(key(11)),
        rotated: at(7),
        expires: at(1007),
        ..rotated
    };
    assert_eq!(store.load(&key(1), at(8)).await.unwrap(), Some(again));
    assert_eq!(store.load(&key(2), at(8)).await.unwrap(), None);
    store.remove(&key(1)).await.unwrap();
}

async fn a_series_ends_in_time(store: &impl RememberStore) {
    store.insert(&key(3), new("ann", 1)).await.unwrap();
    assert!(store.load(&key(3), at(999)).await.unwrap().is_some());
    assert_eq!(store.load(&key(3), at(1000)).await.unwrap(), None);
    assert!(!store.rotate(&key(3), rotation(1, 2, 1000)).await.unwrap(), "rotated after its end");
    store.insert(&key(4), NewSeries { expires: at(5000), ..new("ann", 1) }).await.unwrap();
    assert_eq!(store.sweep(at(999)).await.unwrap(), 0);
    assert_eq!(store.sweep(at(1000)).await.unwrap(), 1);
    assert_eq!(store.load(&key(3), at(1)).await.unwrap(), None);
    assert!(store.load(&key(4), at(1)).await.unwrap().is_some());
    store.remove(&key(4)).await.unwrap();
}

async fn what_is_gone_stays_gone(store: &impl RememberStore) {
    store.insert(&key(5), new("ann", 1)).await.unwrap();
    store.remove(&key(5)).await.unwrap();
    store.remove(&key(5)).await.unwrap();
    assert!(!store.rotate(&key(5), rotation(1, 2, 1)).await.unwrap());
    assert_eq!(store.load(&key(5), at(1)).await.unwrap(), None);
}

async fn the_series_of_an_owner_are_found(store: &impl RememberStore) {
    for (number, owner) in [(6, "ann"), (7, "ann"), (8, "bob"), (9, "ann")] {
        store.insert(&key(number), new(owner, 1)).await.unwrap();
    }
    let there = async |number| store.load(&key(number), at(1)).await.unwrap().is_some();
    store.remove_owned("ann", Some(&key(7))).await.unwrap();
    assert!(!there(6).await && there(7).await && there(8).await && !there(9).await);
    store.remove_owned("bob", Some(&key(7))).await.unwrap();
    store.remove_owned("nobody", None).await.unwrap();
    assert!(there(7).await && !there(8).await);
    store.remove_owned("ann", None).await.unwrap();
    assert!(!there(7).await);
}

/// Of many that rotate the same token at the same time, one does.
pub(super) async fn one_of_many_rotations<S: RememberStore>(stores: &[Arc<S>]) {
    for round in 0..20 {
        stores[0].insert(&key(200), new("ann", 0)).await.unwrap();
        let rotating: Vec<_> = (1..=8)
            .map(|task: u8| {
                let store = Arc::clone(&stores[usize::from(task) % stores.len()]);
                tokio::spawn(async move { store.rotate(&key(200), rotation(0, task, 1)).await.unwrap() })
            })
            .collect();
        let mut first = None;
        for (task, rotated) in (1..).zip(rotating) {
            if rotated.await.unwrap() {
                assert_eq!(first.replace(task), None, "two rotations in round {round}");
            }
        }
        let stored = stores[0].load(&key(200), at(2)).await.unwrap().unwrap();
        assert_eq!((stored.token, stored.previous), (key(first.unwrap()), Some(key(0))));
        stores[0].remove(&key(200)).await.unwrap();
    }
}
