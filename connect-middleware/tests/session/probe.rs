//! A store that tests look into, and browsers.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use connect::testing::{Client, TestResponse};
use connect_middleware::session::{
    Key, MemoryStore, NewSession, PartChange, Session, Store, StoreError, StoredSession, Swapped, Timestamp,
};
use tokio::sync::Semaphore;

use crate::routes::routes;

/// A store in memory that counts, fails, hangs, and waits where a test says so.
#[derive(Default)]
pub(crate) struct Probe {
    pub(crate) store: MemoryStore,
    pub(crate) calls: Mutex<BTreeMap<&'static str, u32>>,
    pub(crate) is_down: AtomicBool,
    pub(crate) hangs: AtomicBool,
    /// Changes wait for a permit.
    pub(crate) gate: Mutex<Option<Arc<Semaphore>>>,
    /// Logins and new sessions take so long after they have taken effect.
    pub(crate) delay: Mutex<Option<Duration>>,
    pub(crate) at_gate: Arc<AtomicU64>,
}

impl Probe {
    async fn call(&self, name: &'static str) -> Result<(), StoreError> {
        *self.calls.lock().unwrap().entry(name).or_default() += 1;
        if self.hangs.load(SeqCst) {
            std::future::pending::<()>().await;
        }
        if self.is_down.load(SeqCst) { Err("the store is down".into()) } else { Ok(()) }
    }

    async fn wait(&self) {
        let delay = *self.delay.lock().unwrap();
        if let Some(delay) = delay {
            tokio::time::sleep(delay).await;
        }
    }

    /// The calls since the last time, without those of the sweep.
    pub(crate) fn calls(&self) -> String {
        let calls = std::mem::take(&mut *self.calls.lock().unwrap());
        let calls = calls.iter().filter(|(name, _)| **name != "sweep");
        calls.map(|(name, count)| format!("{name} {count};")).collect()
    }
}

impl Store for Probe {
    async fn create(&self, key: &Key, session: NewSession<'_>) -> Result<(), StoreError> {
        self.call("create").await?;
        self.store.create(key, session).await?;
        self.wait().await;
        Ok(())
    }

    async fn load(&self, key: &Key, now: Timestamp) -> Result<Option<StoredSession>, StoreError> {
        self.call("load").await?;
        self.store.load(key, now).await
    }

    async fn swap(&self, key: &Key, change: PartChange<'_>, now: Timestamp) -> Result<Swapped, StoreError> {
        self.call("swap").await?;
        let gate = self.gate.lock().unwrap().clone();
        if let Some(gate) = gate {
            self.at_gate.fetch_add(1, SeqCst);
            gate.acquire().await?.forget();
        }
        self.store.swap(key, change, now).await
    }

    async fn touch(&self, key: &Key, expires: Timestamp, now: Timestamp) -> Result<(), StoreError> {
        self.call("touch").await?;
        self.store.touch(key, expires, now).await
    }

    async fn rename(&self, from: &Key, to: &Key, session: NewSession<'_>) -> Result<bool, StoreError> {
        self.call("rename").await?;
        let renamed = self.store.rename(from, to, session).await?;
        self.wait().await;
        Ok(renamed)
    }

    async fn remove(&self, key: &Key) -> Result<(), StoreError> {
        self.call("remove").await?;
        self.store.remove(key).await
    }

    async fn remove_owned(&self, owner: &str, except: Option<&Key>) -> Result<(), StoreError> {
        self.call("remove_owned").await?;
        self.store.remove_owned(owner, except).await
    }

    async fn sweep(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.call("sweep").await?;
        self.store.sweep(now).await
    }
}

pub(crate) fn probe() -> (Arc<Probe>, Client) {
    let probe = Arc::new(Probe::default());
    let client = browser(&probe);
    (probe, client)
}

/// A browser with cookies of its own.
pub(crate) fn browser(probe: &Arc<Probe>) -> Client {
    Client::new(routes(Session::new(Arc::clone(probe))))
}

pub(crate) async fn post(client: &Client, target: &str) -> TestResponse {
    client.post(target).send().await
}

/// The text of a page.
pub(crate) async fn page(client: &Client, target: &str) -> String {
    let res = client.get(target).send().await;
    res.assert_status(200);
    res.text().to_owned()
}

/// The text of a page for somebody who has a certain token.
pub(crate) async fn page_with(probe: &Arc<Probe>, token: &str, target: &str) -> String {
    let res = browser(probe).get(target).cookie("id", token).send().await;
    res.assert_status(200);
    res.text().to_owned()
}

pub(crate) fn token(client: &Client) -> String {
    client.cookie("id").expect("a cookie")
}
