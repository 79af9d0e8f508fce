//! The site whose browsers are remembered.

use crate::routes::{
    elsewhere, everywhere, fails, forget, index, lock, login, login_once, logout, me, remember, stream, who,
};
use crate::stores::{FailingSessions, Probe};
use connect::testing::{Client, TestResponse};
use connect::{App, Chain, Error, app, guard};
use connect_middleware::remember_me::RememberMe;
use connect_middleware::session::{Principal, Session, Timestamp, require_login};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

/// An application, with what its tests need of it.
#[derive(Clone)]
pub(crate) struct Site {
    pub(crate) sessions: Arc<FailingSessions>,
    pub(crate) probe: Arc<Probe>,
    pub(crate) thefts: Arc<Mutex<Vec<String>>>,
    pub(crate) locked: Arc<Mutex<Vec<String>>>,
    pub(crate) finds: Arc<AtomicUsize>,
    /// In seconds.
    pub(crate) now: Arc<AtomicU64>,
}

pub(crate) const DAY: u64 = 24 * 60 * 60;

impl Site {
    pub(crate) fn new() -> Self {
        Site {
            sessions: Arc::default(),
            probe: Arc::default(),
            thefts: Arc::default(),
            locked: Arc::default(),
            finds: Arc::default(),
            now: Arc::new(AtomicU64::new(1_000_000)),
        }
    }

    pub(crate) fn layer(&self) -> RememberMe {
        let (thefts, locked, finds) =
            (Arc::clone(&self.thefts), Arc::clone(&self.locked), Arc::clone(&self.finds));
        let find = move |id: String| {
            finds.fetch_add(1, SeqCst);
            let is_locked = locked.lock().unwrap().contains(&id);
            async move {
                if id == "broken" {
                    return Err(Error::msg("the database is down"));
                }
                Ok((!is_locked).then(|| Principal::new(id)))
            }
        };
        RememberMe::new(Arc::clone(&self.probe), find)
            .on_theft(move |owner| thefts.lock().unwrap().push(owner.to_owned()))
            .clock(self.clock())
    }

    pub(crate) fn clock(&self) -> impl Fn() -> Timestamp + Send + Sync + 'static {
        let now = Arc::clone(&self.now);
        move || Timestamp::from_millis(now.load(SeqCst) * 1000)
    }

    pub(crate) fn wait(&self, seconds: u64) {
        self.now.fetch_add(seconds, SeqCst);
    }

    pub(crate) fn app(&self, remember_me: RememberMe) -> App<impl Chain> {
        app![
            Session::new(Arc::clone(&self.sessions)).clock(self.clock()),
            remember_me,
            index,
            who,
            login,
            login_once,
            remember,
            logout,
            forget,
            everywhere,
            elsewhere,
            lock,
            fails,
            stream,
            guard![require_login() => me],
        ]
    }

    /// A browser with cookies of its own.
    pub(crate) fn browser(&self) -> Client {
        Client::new(self.app(self.layer()))
    }

    /// A browser that has a copy of the cookie, and nothing else.
    pub(crate) async fn who_with(&self, ticket: &str) -> (String, Option<String>) {
        let client = self.browser();
        let res = client.get("/who").cookie("remember", ticket).send().await;
        res.assert_status(200);
        (res.text().to_owned(), set(&res))
    }
}

/// The value of the cookie that a response sets: `""` if it clears it.
pub(crate) fn set(res: &TestResponse) -> Option<String> {
    let lines = res.headers().get_all("set-cookie").iter().map(|line| line.to_str().unwrap());
    let line = lines.into_iter().find_map(|line| line.strip_prefix("remember="))?;
    Some(line.split(';').next().unwrap().replace("%3A", ":"))
}

pub(crate) fn ticket(client: &Client) -> String {
    client.cookie("remember").expect("a cookie").replace("%3A", ":")
}

pub(crate) async fn page(client: &Client, target: &str) -> String {
    let res = client.get(target).send().await;
    res.assert_status(200);
    res.text().to_owned()
}

pub(crate) async fn post_to(client: &Client, target: &str) -> TestResponse {
    let res = client.post(target).send().await;
    res.assert_status(200);
    res
}
