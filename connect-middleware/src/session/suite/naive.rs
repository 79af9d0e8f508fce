//! Random operations on a store and on the plainest one that can be.

use std::collections::BTreeMap;

use super::super::store::{NewSession, PartChange, Store, StoredPart, StoredSession, Swapped};
use super::super::timestamp::Timestamp;
use super::super::token::Key;
use super::{Random, at, key, version};

/// The plainest store that can be: what it says is right.
#[derive(Default)]
struct Naive {
    sessions: Vec<(Key, StoredSession)>,
    version: u64,
}

impl Naive {
    fn find(&mut self, key: &Key, now: Timestamp) -> Option<&mut StoredSession> {
        let mut found =
            self.sessions.iter_mut().filter(|(other, session)| other == key && session.expires > now);
        found.next().map(|(_, session)| session)
    }

    fn create(&mut self, key: &Key, new: NewSession<'_>) {
        self.version += 1;
        let part = StoredPart { version: self.version, value: new.value.to_owned() };
        let parts = BTreeMap::from([(new.part.to_owned(), part)]);
        let owner = new.owner.map(str::to_owned);
        self.sessions
            .push((*key, StoredSession { owner, created: new.created, expires: new.expires, parts }));
    }

    fn rename(&mut self, from: &Key, to: &Key, new: NewSession<'_>) -> bool {
        let Some(old) = self.find(from, new.created).cloned() else { return false };
        self.sessions.retain(|(key, _)| key != from);
        self.create(to, new);
        let (_, session) = self.sessions.last_mut().unwrap();
        for (name, part) in old.parts {
            session.parts.entry(name).or_insert(part);
        }
        true
    }
}

/// Random operations, the same on the store and on a naive one, with the same results but for the numbers of the versions.
pub(super) async fn as_a_naive_store(store: &impl Store, seed: u64, operations: usize) {
    println!("SESSION_SEED={seed}");
    let mut random = Random(seed);
    let mut naive = Naive::default();
    let (mut now, mut next_key) = (at(10_000), 1_u32);
    let mut keys = vec![key(255)];
    for step in 0..operations {
        let context = format!("step {step} of SESSION_SEED={seed}");
        let from = keys[random.below(keys.len())];
        let owner = [None, Some("ann"), Some("bob")][random.below(3)];
        let part = ["a", "b", "login"][random.below(3)];
        let text = step.to_string();
        let lifetime = u64::try_from(random.below(300)).unwrap();
        let expires = Timestamp::from_millis(now.as_millis() + lifetime);
        let new = NewSession { owner, created: now, expires, part, value: text.as_bytes() };
        match random.below(12) {
            0..=1 => {
                let key = fresh(&mut next_key, &mut keys);
                store.create(&key, new).await.unwrap();
                naive.create(&key, new);
            }
            2..=4 => {
                let theirs = naive.find(&from, now).cloned();
                let ours = store.load(&from, now).await.unwrap();
                compare(ours, theirs, &context);
            }
            5..=7 => {
                // The same version for both: that of the part, or another.
                let ours = store.load(&from, now).await.unwrap();
                let ours = ours.map_or(0, |session| version(&session, part));
                let is_right = random.below(4) > 0;
                let value = (random.below(4) > 0).then_some(text.as_bytes());
                let change = PartChange { part, from: if is_right { ours } else { ours + 1 }, value };
                let swapped = store.swap(&from, change, now).await.unwrap();
                naive.version += 1;
                let number = naive.version;
                let Some(session) = naive.find(&from, now) else {
                    assert_eq!(swapped, Swapped::Gone, "{context}");
                    continue;
                };
                if !is_right {
                    assert_eq!(swapped, Swapped::Conflict, "{context}");
                    continue;
                }
                assert!(matches!(swapped, Swapped::Done(_)), "{swapped:?}, {context}");
                match value {
                    Some(value) => {
                        let value = value.to_owned();
                        session.parts.insert(part.to_owned(), StoredPart { version: number, value });
                    }
                    None => {
                        session.parts.remove(part);
                    }
                }
            }
            8 => {
                store.touch(&from, expires, now).await.unwrap();
                if let Some(session) = naive.find(&from, now) {
                    session.expires = session.expires.max(expires);
                }
            }
            9 => {
                let to = fresh(&mut next_key, &mut keys);
                let renamed = store.rename(&from, &to, new).await.unwrap();
                assert_eq!(renamed, naive.rename(&from, &to, new), "{context}");
            }
            10 => {
                store.remove(&from).await.unwrap();
                naive.sessions.retain(|(key, _)| *key != from);
            }
            _ if random.once_in(3) => {
                let owner = owner.unwrap_or("nobody");
                let except = random.once_in(2).then_some(from);
                store.remove_owned(owner, except.as_ref()).await.unwrap();
                naive
                    .sessions
                    .retain(|(key, session)| session.owner.as_deref() != Some(owner) || Some(*key) == except);
            }
            _ if random.once_in(2) => {
                store.sweep(now).await.unwrap();
                naive.sessions.retain(|(_, session)| session.expires > now);
            }
            _ => now = Timestamp::from_millis(now.as_millis() + u64::try_from(random.below(100)).unwrap()),
        }
    }
    for key in &keys {
        compare(store.load(key, now).await.unwrap(), naive.find(key, now).cloned(), "the end");
        store.remove(key).await.unwrap();
    }
}

fn fresh(next: &mut u32, keys: &mut Vec<Key>) -> Key {
    *next += 1;
    let mut bytes = [9; 32];
    bytes[..4].copy_from_slice(&next.to_be_bytes());
    let key = Key::from_bytes(bytes);
    // A few, so that most operations find something.
    if keys.len() >= 12 {
        keys.remove(0);
    }
    keys.push(key);
    key
}

fn compare(ours: Option<StoredSession>, theirs: Option<StoredSession>, context: &str) {
    let plain = |session: StoredSession| {
        let values: Vec<_> = session.parts.into_iter().map(|(name, part)| (name, part.value)).collect();
        (session.owner, session.created, session.expires, values)
    };
    assert_eq!(ours.map(plain), theirs.map(plain), "{context}");
}
