//! Remembered browsers, as they come back after their session has ended.
#![cfg(feature = "remember-me")]

#[path = "support/log.rs"]
mod log;

use connect::testing::{Client, TestResponse};
use connect::{
    App, Chain, Error, Next, Request, Response, Result, TrustProxy, app, get, guard, middleware, post,
};
use connect_middleware::remember_me::{
    Browser, MemoryRememberStore, NewSeries, RememberMe, RememberStore, Rotation, StoredSeries,
};
use connect_middleware::session::{
    Key, MemoryStore, NewSession, PartChange, Principal, Session, Sessions, Store, StoreError, StoreFailure,
    StoredSession, Swapped, Timestamp, require_login,
};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Barrier;

#[get("/")]
fn index() -> &'static str {
    "hello"
}

#[get("/who")]
async fn who(sessions: &Sessions) -> Result<String> {
    Ok(sessions.principal().await?.map_or("nobody".to_owned(), |principal| principal.id().to_owned()))
}

#[get("/me")]
fn me(principal: &Principal) -> String {
    principal.id().to_owned()
}

#[post("/login/:id")]
async fn login(sessions: &Sessions, browser: &Browser, id: String) -> Result<String> {
    sessions.login(Principal::new(id)).await?;
    browser.remember().await?;
    Ok(browser.is_remembered().to_string())
}

#[post("/login-once/:id")]
async fn login_once(sessions: &Sessions, id: String) -> Result<&'static str> {
    sessions.login(Principal::new(id)).await?;
    Ok("welcome")
}

#[post("/remember")]
async fn remember(browser: &Browser) -> Result<&'static str> {
    browser.remember().await?;
    Ok("remembered")
}

#[post("/logout")]
async fn logout(sessions: &Sessions) -> Result<&'static str> {
    sessions.logout().await?;
    Ok("bye")
}

#[post("/forget")]
async fn forget(browser: &Browser) -> Result<&'static str> {
    browser.forget().await?;
    Ok("forgotten")
}

#[post("/everywhere")]
async fn everywhere(sessions: &Sessions, browser: &Browser) -> Result<&'static str> {
    browser.forget_everywhere().await?;
    sessions.logout_everywhere().await?;
    Ok("bye")
}

#[post("/elsewhere")]
async fn elsewhere(sessions: &Sessions, browser: &Browser) -> Result<&'static str> {
    browser.forget_elsewhere().await?;
    sessions.logout_elsewhere().await?;
    Ok("still here")
}

#[post("/lock/:id")]
async fn lock(sessions: &Sessions, browser: &Browser, id: String) -> Result<&'static str> {
    browser.forget_principal(&id).await?;
    sessions.logout_principal(&id).await?;
    Ok("locked")
}

#[get("/fails")]
fn fails() -> Result<&'static str> {
    Err(Error::new(418, "on purpose"))
}

#[post("/stream")]
async fn stream(sessions: &Sessions, browser: &Browser, res: &mut Response) -> Result {
    sessions.login(Principal::new("ann")).await?;
    let browser = browser.clone();
    let late = async move {
        let err = browser.remember().await.err();
        Ok::<_, std::io::Error>(err.map_or("remembered".to_owned(), |err| err.to_string()))
    };
    res.stream(futures_util::stream::once(late))
}

/// A store in memory that counts, fails, and lets two requests load the same series at the same time.
#[derive(Default)]
struct Probe {
    store: MemoryRememberStore,
    calls: AtomicUsize,
    is_down: AtomicBool,
    together: Mutex<Option<Arc<Barrier>>>,
    /// A rotation waits twice: when it is done, and to go on.
    rotated: Mutex<Option<Arc<Barrier>>>,
}

impl Probe {
    fn call(&self) -> Result<(), StoreError> {
        self.calls.fetch_add(1, SeqCst);
        if self.is_down.load(SeqCst) { Err("the store is down".into()) } else { Ok(()) }
    }
}

impl RememberStore for Probe {
    async fn insert(&self, series: &Key, new: NewSeries<'_>) -> Result<(), StoreError> {
        self.call()?;
        self.store.insert(series, new).await
    }

    async fn load(&self, series: &Key, now: Timestamp) -> Result<Option<StoredSeries>, StoreError> {
        self.call()?;
        let loaded = self.store.load(series, now).await;
        let together = self.together.lock().unwrap().clone();
        if let Some(together) = together
            && together.wait().await.is_leader()
        {
            *self.together.lock().unwrap() = None;
        }
        loaded
    }

    async fn rotate(&self, series: &Key, rotation: Rotation) -> Result<bool, StoreError> {
        self.call()?;
        let done = self.store.rotate(series, rotation).await;
        let rotated = self.rotated.lock().unwrap().take();
        if let Some(rotated) = rotated {
            rotated.wait().await;
            rotated.wait().await;
        }
        done
    }

    async fn remove(&self, series: &Key) -> Result<(), StoreError> {
        self.call()?;
        self.store.remove(series).await
    }

    async fn remove_owned(&self, owner: &str, except: Option<&Key>) -> Result<(), StoreError> {
        self.call()?;
        self.store.remove_owned(owner, except).await
    }

    async fn sweep(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.store.sweep(now).await
    }
}

/// Sessions in memory, which cannot be ended while the store is down.
#[derive(Default)]
struct FailingSessions {
    store: MemoryStore,
    is_down: AtomicBool,
}

impl Store for FailingSessions {
    async fn create(&self, key: &Key, session: NewSession<'_>) -> Result<(), StoreError> {
        self.store.create(key, session).await
    }

    async fn load(&self, key: &Key, now: Timestamp) -> Result<Option<StoredSession>, StoreError> {
        self.store.load(key, now).await
    }

    async fn swap(&self, key: &Key, change: PartChange<'_>, now: Timestamp) -> Result<Swapped, StoreError> {
        self.store.swap(key, change, now).await
    }

    async fn touch(&self, key: &Key, expires: Timestamp, now: Timestamp) -> Result<(), StoreError> {
        self.store.touch(key, expires, now).await
    }

    async fn rename(&self, from: &Key, to: &Key, session: NewSession<'_>) -> Result<bool, StoreError> {
        self.store.rename(from, to, session).await
    }

    async fn remove(&self, key: &Key) -> Result<(), StoreError> {
        self.store.remove(key).await
    }

    async fn remove_owned(&self, owner: &str, except: Option<&Key>) -> Result<(), StoreError> {
        if self.is_down.load(SeqCst) {
            return Err("the store is down".into());
        }
        self.store.remove_owned(owner, except).await
    }

    async fn sweep(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.store.sweep(now).await
    }
}

/// An application, with what its tests need of it.
#[derive(Clone)]
struct Site {
    sessions: Arc<FailingSessions>,
    probe: Arc<Probe>,
    thefts: Arc<Mutex<Vec<String>>>,
    locked: Arc<Mutex<Vec<String>>>,
    finds: Arc<AtomicUsize>,
    /// In seconds.
    now: Arc<AtomicU64>,
}

const DAY: u64 = 24 * 60 * 60;

impl Site {
    fn new() -> Self {
        Site {
            sessions: Arc::default(),
            probe: Arc::default(),
            thefts: Arc::default(),
            locked: Arc::default(),
            finds: Arc::default(),
            now: Arc::new(AtomicU64::new(1_000_000)),
        }
    }

    fn layer(&self) -> RememberMe {
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

    fn clock(&self) -> impl Fn() -> Timestamp + Send + Sync + 'static {
        let now = Arc::clone(&self.now);
        move || Timestamp::from_millis(now.load(SeqCst) * 1000)
    }

    fn wait(&self, seconds: u64) {
        self.now.fetch_add(seconds, SeqCst);
    }

    fn app(&self, remember_me: RememberMe) -> App<impl Chain> {
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
    fn browser(&self) -> Client {
        Client::new(self.app(self.layer()))
    }

    /// A browser that has a copy of the cookie, and nothing else.
    async fn who_with(&self, ticket: &str) -> (String, Option<String>) {
        let client = self.browser();
        let res = client.get("/who").cookie("remember", ticket).send().await;
        res.assert_status(200);
        (res.text().to_owned(), set(&res))
    }
}

/// The value of the cookie that a response sets: `""` if it clears it.
fn set(res: &TestResponse) -> Option<String> {
    let lines = res.headers().get_all("set-cookie").iter().map(|line| line.to_str().unwrap());
    let line = lines.into_iter().find_map(|line| line.strip_prefix("remember="))?;
    Some(line.split(';').next().unwrap().replace("%3A", ":"))
}

fn ticket(client: &Client) -> String {
    client.cookie("remember").expect("a cookie").replace("%3A", ":")
}

async fn page(client: &Client, target: &str) -> String {
    let res = client.get(target).send().await;
    res.assert_status(200);
    res.text().to_owned()
}

async fn post_to(client: &Client, target: &str) -> TestResponse {
    let res = client.post(target).send().await;
    res.assert_status(200);
    res
}

#[tokio::test]
async fn a_browser_whose_session_has_ended_is_signed_in_again_with_a_new_token() {
    let site = Site::new();
    let client = site.browser();
    post_to(&client, "/login/ann").await.assert_text("true");
    let first = ticket(&client);
    assert_eq!(page(&client, "/me").await, "ann");
    assert_eq!(ticket(&client), first, "a session is there, and no token is used");
    site.wait(2 * DAY);
    assert_eq!(page(&client, "/me").await, "ann");
    let second = ticket(&client);
    let series = |ticket: &str| ticket.split(':').next().unwrap().to_owned();
    assert!(first != second && series(&first) == series(&second), "{first} {second}");
    assert_eq!(page(&client, "/me").await, "ann");
    assert_eq!((ticket(&client), site.finds.load(SeqCst)), (second, 1));
    // Each time anew, and each time for as long.
    for _ in 0..3 {
        site.wait(29 * DAY);
        assert_eq!(page(&client, "/who").await, "ann");
    }
    site.wait(31 * DAY);
    assert_eq!((page(&client, "/who").await.as_str(), client.cookie("remember")), ("nobody", None));
}

#[tokio::test]
async fn without_the_cookie_nothing_is_read_and_nobody_is_signed_in() {
    let site = Site::new();
    let client = site.browser();
    client.get("/").send().await.assert_no_header("set-cookie").assert_no_header("vary");
    post_to(&client, "/login-once/ann").await;
    assert_eq!((site.probe.calls.load(SeqCst), client.cookie("remember")), (0, None));
    site.wait(2 * DAY);
    assert_eq!(page(&client, "/who").await, "nobody");
    client.get("/me").send().await.assert_status(401);
    client.post("/remember").send().await.assert_status(500);
    assert_eq!((site.probe.calls.load(SeqCst), site.probe.store.len()), (0, 0));
}

#[tokio::test]
async fn an_old_token_ends_all_sessions_and_series_of_its_owner() {
    let (log, _guard) = log::log();
    let site = Site::new();
    let (victim, other, bob) = (site.browser(), site.browser(), site.browser());
    post_to(&victim, "/login/ann").await;
    post_to(&other, "/login/ann").await;
    post_to(&bob, "/login/bob").await;
    let stolen = ticket(&victim);
    site.wait(2 * DAY);
    // The thief is faster.
    let thief = site.browser();
    thief.get("/me").cookie("remember", &stolen).send().await.assert_text("ann");
    for client in [&other, &bob] {
        client.get("/me").send().await.assert_status(200);
    }
    site.wait(61);
    assert!(site.thefts.lock().unwrap().is_empty() && log.take().is_empty());
    assert_eq!(page(&victim, "/who").await, "nobody");
    assert_eq!(*site.thefts.lock().unwrap(), ["ann"]);
    let lines = log.take();
    assert!(lines.len() == 1 && lines[0].starts_with("an old token of a remembered browser"), "{lines:?}");
    assert_eq!(victim.cookie("remember"), None);
    for client in [&thief, &other, &victim] {
        assert_eq!((page(client, "/who").await.as_str(), client.cookie("remember")), ("nobody", None));
    }
    // Of the others nothing is lost, and one theft is one event.
    assert_eq!(page(&bob, "/me").await, "bob");
    assert_eq!((site.probe.store.len(), site.thefts.lock().unwrap().len()), (1, 1));
}

#[tokio::test]
async fn a_thief_who_comes_after_the_owner_is_found_too() {
    let site = Site::new();
    let owner = site.browser();
    post_to(&owner, "/login/ann").await;
    let stolen = ticket(&owner);
    site.wait(2 * DAY);
    assert_eq!(page(&owner, "/me").await, "ann");
    site.wait(61);
    assert_eq!(site.who_with(&stolen).await, ("nobody".to_owned(), Some(String::new())));
    owner.get("/me").send().await.assert_status(401);
    assert_eq!(*site.thefts.lock().unwrap(), ["ann"]);
}

#[tokio::test]
async fn a_made_up_token_of_a_right_series_is_a_theft_and_a_made_up_series_is_not() {
    let site = Site::new();
    let client = site.browser();
    post_to(&client, "/login/ann").await;
    let good = ticket(&client);
    let (series, token) = good.split_once(':').unwrap();
    let flip = |text: &str| format!("{}{}", if text.starts_with('A') { 'B' } else { 'A' }, &text[1..]);
    for bad in ["", "x", series, &format!("{}:{token}", flip(series)), &format!("{good}:"), &good[1..]] {
        assert_eq!(site.who_with(bad).await, ("nobody".to_owned(), Some(String::new())), "{bad}");
    }
    assert_eq!(site.who_with(&good).await.0, "ann");
    assert!(site.thefts.lock().unwrap().is_empty());
    assert_eq!(site.who_with(&format!("{series}:{}", flip(token))).await.0, "nobody");
    assert_eq!(*site.thefts.lock().unwrap(), ["ann"]);
    client.get("/me").send().await.assert_status(401);
}

#[tokio::test]
async fn two_tabs_with_the_same_token_are_both_signed_in() {
    let site = Site::new();
    let client = site.browser();
    post_to(&client, "/login/ann").await;
    let old = ticket(&client);
    site.wait(2 * DAY);
    let (first, new) = site.who_with(&old).await;
    let new = new.unwrap();
    // The token of before is valid for a minute, and nothing is rotated again in that time.
    site.wait(59);
    for ticket in [&old, &new] {
        assert_eq!(site.who_with(ticket).await, ("ann".to_owned(), None));
    }
    assert_eq!((first.as_str(), site.thefts.lock().unwrap().len()), ("ann", 0));
    site.wait(1);
    let (who, newer) = site.who_with(&new).await;
    assert!(who == "ann" && newer.is_some_and(|newer| newer != new));
    assert_eq!(site.who_with(&old).await.0, "nobody");
    assert_eq!(*site.thefts.lock().unwrap(), ["ann"]);
}

#[tokio::test]
async fn two_requests_that_read_the_same_token_rotate_it_once() {
    let site = Site::new();
    for _ in 0..20 {
        let start = site.browser();
        post_to(&start, "/login/ann").await;
        let old = ticket(&start);
        site.wait(2 * DAY);
        // Both have loaded the series before one of them rotates.
        *site.probe.together.lock().unwrap() = Some(Arc::new(Barrier::new(2)));
        let (one, other) = tokio::join!(site.who_with(&old), site.who_with(&old));
        assert_eq!((one.0.as_str(), other.0.as_str()), ("ann", "ann"));
        let tokens: Vec<_> = [one.1, other.1].into_iter().flatten().collect();
        assert_eq!(tokens.len(), 1, "{tokens:?}");
        site.wait(61);
        assert_eq!(site.who_with(&tokens[0]).await.0, "ann");
    }
    assert!(site.thefts.lock().unwrap().is_empty());
}

#[tokio::test]
async fn the_new_token_is_sent_whatever_the_response_is() {
    let site = Site::new();
    let client = site.browser();
    post_to(&client, "/login/ann").await;
    for (target, status) in [("/fails", 418), ("/none", 404), ("/", 200)] {
        site.wait(2 * DAY);
        let before = ticket(&client);
        let res = client.get(target).send().await;
        res.assert_status(status).assert_header("cache-control", "private");
        assert!(set(&res).is_some_and(|set| set == ticket(&client) && set != before), "{target}");
    }
    assert_eq!(page(&client, "/me").await, "ann");
}

#[tokio::test]
async fn a_logout_forgets_the_browser() {
    let site = Site::new();
    let client = site.browser();
    post_to(&client, "/login/ann").await;
    let copy = ticket(&client);
    let res = post_to(&client, "/logout").await;
    assert_eq!((set(&res).as_deref(), client.cookie("remember")), (Some(""), None));
    assert_eq!((site.who_with(&copy).await.0.as_str(), site.probe.store.len()), ("nobody", 0));
    // As well if the request was signed in again itself.
    post_to(&client, "/login/ann").await;
    site.wait(2 * DAY);
    post_to(&client, "/logout").await;
    assert_eq!((page(&client, "/who").await.as_str(), site.probe.store.len()), ("nobody", 0));
    // To forget is no logout.
    post_to(&client, "/login/ann").await;
    post_to(&client, "/forget").await;
    assert_eq!((page(&client, "/me").await.as_str(), client.cookie("remember")), ("ann", None));
    assert!(site.probe.store.is_empty() && site.thefts.lock().unwrap().is_empty());
}

#[tokio::test]
async fn another_login_in_the_same_browser_forgets_who_was_remembered() {
    let site = Site::new();
    let client = site.browser();
    post_to(&client, "/login/ann").await;
    let first = ticket(&client);
    // The same principal again keeps it.
    post_to(&client, "/login-once/ann").await;
    assert_eq!(ticket(&client), first);
    post_to(&client, "/login-once/bob").await;
    assert_eq!((page(&client, "/me").await.as_str(), client.cookie("remember")), ("bob", None));
    site.wait(2 * DAY);
    assert_eq!(page(&client, "/who").await, "nobody");
    assert!(site.probe.store.is_empty());
    // A new series takes the place of the one that the browser had.
    for id in ["ann", "bob", "bob"] {
        post_to(&client, &format!("/login/{id}")).await;
        assert_eq!(site.probe.store.len(), 1);
    }
    site.wait(2 * DAY);
    assert_eq!(page(&client, "/me").await, "bob");
}

#[tokio::test]
async fn the_browsers_of_a_principal_are_forgotten_together() {
    let site = Site::new();
    let (one, two, bob) = (site.browser(), site.browser(), site.browser());
    post_to(&bob, "/login/bob").await;
    let login = async || {
        for client in [&one, &two] {
            post_to(client, "/login/ann").await;
        }
    };
    let who = async || {
        site.wait(2 * DAY);
        (page(&one, "/who").await, page(&two, "/who").await, page(&bob, "/who").await)
    };
    let is = |who: (String, String, String), ids: [&str; 3]| assert_eq!([&*who.0, &*who.1, &*who.2], ids);
    login().await;
    post_to(&one, "/elsewhere").await;
    is(who().await, ["ann", "nobody", "bob"]);
    login().await;
    post_to(&one, "/everywhere").await;
    is(who().await, ["nobody", "nobody", "bob"]);
    login().await;
    post_to(&bob, "/lock/ann").await;
    is(who().await, ["nobody", "nobody", "bob"]);
    assert!(site.thefts.lock().unwrap().is_empty());
}

#[tokio::test]
async fn who_may_no_longer_sign_in_is_forgotten() {
    let site = Site::new();
    let client = site.browser();
    post_to(&client, "/login/ann").await;
    site.locked.lock().unwrap().push("ann".to_owned());
    assert_eq!(page(&client, "/me").await, "ann", "the session is there");
    site.wait(2 * DAY);
    client.get("/me").send().await.assert_status(401);
    assert_eq!((client.cookie("remember"), site.probe.store.len()), (None, 0));
}

#[tokio::test]
async fn a_failure_leaves_the_cookie_for_the_next_request() {
    let (log, _guard) = log::log();
    let site = Site::new();
    let client = site.browser();
    post_to(&client, "/login/ann").await;
    let before = ticket(&client);
    site.wait(2 * DAY);
    site.probe.is_down.store(true, SeqCst);
    assert_eq!(page(&client, "/").await, "hello");
    client.get("/me").send().await.assert_status(401).assert_no_header("set-cookie");
    assert_eq!((ticket(&client), log.take().len()), (before, 2));
    client.post("/login/ann").send().await.assert_status(503);
    site.probe.is_down.store(false, SeqCst);
    client.clear_cookies();
    post_to(&client, "/login/broken").await;
    site.wait(2 * DAY);
    let before = ticket(&client);
    log.take();
    assert_eq!(page(&client, "/who").await, "nobody");
    assert_eq!((ticket(&client), log.take().len()), (before, 1));
}

#[tokio::test]
async fn a_sign_in_during_the_end_of_a_theft_leaves_no_session() {
    let site = Site::new();
    let owner = site.browser();
    post_to(&owner, "/login/ann").await;
    let old = ticket(&owner);
    site.wait(2 * DAY);
    let current = site.who_with(&old).await.1.unwrap();
    site.wait(61);
    // The owner has a new token and no session yet, when the thief is found.
    *site.probe.rotated.lock().unwrap() = Some(Arc::new(Barrier::new(2)));
    let rotated = site.probe.rotated.lock().unwrap().clone().unwrap();
    owner.clear_cookies();
    let sign_in = async { owner.get("/who").cookie("remember", &current).send().await };
    let theft = async {
        rotated.wait().await;
        let thief = site.who_with(&old).await;
        rotated.wait().await;
        thief
    };
    let (owned, stolen) = tokio::join!(sign_in, theft);
    assert_eq!((owned.text(), stolen.0.as_str()), ("nobody", "nobody"));
    assert_eq!((set(&owned).as_deref(), page(&owner, "/who").await.as_str()), (Some(""), "nobody"));
    assert_eq!((site.probe.store.len(), site.sessions.store.len()), (0, 0));
    assert_eq!(*site.thefts.lock().unwrap(), ["ann"]);
}

#[tokio::test]
async fn a_theft_whose_sessions_cannot_be_ended_is_found_again() {
    let site = Site::new();
    let (owner, thief) = (site.browser(), site.browser());
    post_to(&owner, "/login/ann").await;
    let stolen = ticket(&owner);
    site.wait(2 * DAY);
    thief.get("/me").cookie("remember", &stolen).send().await.assert_text("ann");
    site.wait(61);
    site.sessions.is_down.store(true, SeqCst);
    assert_eq!(page(&owner, "/who").await, "nobody");
    assert_eq!((ticket(&owner), page(&thief, "/who").await), (stolen, "ann".to_owned()));
    assert!(site.thefts.lock().unwrap().is_empty());
    site.sessions.is_down.store(false, SeqCst);
    assert_eq!(
        (page(&owner, "/who").await.as_str(), page(&thief, "/who").await.as_str()),
        ("nobody", "nobody")
    );
    assert_eq!((*site.thefts.lock().unwrap()).join(","), "ann");
}

#[tokio::test]
async fn a_browser_is_not_remembered_after_the_head_was_sent() {
    let site = Site::new();
    let client = site.browser();
    let res = client.post("/stream").send().await;
    res.assert_text("a browser cannot be remembered after the response head was sent");
    assert_eq!((client.cookie("remember"), site.probe.store.len()), (None, 0));
}

#[tokio::test]
async fn the_attributes_are_those_that_were_set() {
    let site = Site::new();
    for (layer, scheme, name, attributes) in [
        (site.layer(), "http", "remember", "HttpOnly; SameSite=Lax; Path=/; Max-Age=2592000"),
        (site.layer(), "https", "__Host-remember", "HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=2592000"),
        (
            site.layer().path("/login").max_age(Duration::from_secs(60)),
            "https",
            "__Secure-remember",
            "HttpOnly; SameSite=Lax; Secure; Path=/login; Max-Age=60",
        ),
        (
            site.layer().name("stay").secure(false).same_site(connect::cookie::SameSite::Strict),
            "https",
            "stay",
            "HttpOnly; SameSite=Strict; Path=/; Max-Age=2592000",
        ),
    ] {
        let client = Client::new(site.app(layer).trust_proxy(TrustProxy::all()));
        let res = client.post("/login/ann").header("x-forwarded-proto", scheme).send().await;
        let lines = res.headers().get_all("set-cookie").iter().map(|line| line.to_str().unwrap());
        let start = format!("{name}=");
        let line = lines.into_iter().find(|line| line.starts_with(&start)).unwrap();
        let rest = line.split_once("; ").unwrap().1;
        assert_eq!(rest.split("; Expires=").next().unwrap(), attributes);
    }
}

#[tokio::test]
async fn expired_series_are_swept() {
    let site = Site::new();
    for _ in 0..3 {
        post_to(&site.browser(), "/login/ann").await;
    }
    assert_eq!(site.probe.store.len(), 3);
    site.wait(31 * DAY);
    post_to(&site.browser(), "/login/ann").await;
    // Beside the request.
    while site.probe.store.len() > 1 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn the_layers_below_see_who_was_signed_in_again() {
    #[middleware]
    async fn note(req: &mut Request, res: &mut Response, next: Next) -> Result {
        let sessions = req.provided::<Sessions>().unwrap().clone();
        let who = sessions.principal().await?.map_or("nobody".to_owned(), |who| who.id().to_owned());
        res.set("x-who", who);
        next.pass()
    }
    let site = Site::new();
    let client = site.browser();
    post_to(&client, "/login/ann").await;
    let cookie = ticket(&client);
    site.wait(2 * DAY);
    let session = Session::new(Arc::clone(&site.sessions)).clock(site.clock());
    let below = Client::new(app![session, site.layer(), note, index]);
    below.get("/").cookie("remember", &cookie).send().await.assert_header("x-who", "ann");
}

#[middleware]
async fn timeout(req: &mut Request, res: &mut Response, next: Next) -> Result {
    match tokio::time::timeout(Duration::from_secs(1), next.run(req, res)).await {
        Ok(done) => Ok(done),
        Err(_) => Err(Error::new(503, "timeout")),
    }
}

#[post("/logout-and-hang")]
async fn logout_and_hang(sessions: &Sessions) -> Result<&'static str> {
    sessions.logout().await?;
    std::future::pending().await
}

#[tokio::test(start_paused = true)]
async fn a_logout_in_a_handler_that_is_dropped_forgets_the_browser() {
    for has_timeout in [true, false] {
        let site = Site::new();
        let timeout = has_timeout.then_some(timeout);
        let session = Session::new(Arc::clone(&site.sessions)).clock(site.clock());
        let client = Client::new(app![timeout, session, site.layer(), login, logout_and_hang, who]);
        post_to(&client, "/login/ann").await;
        let sent = client.post("/logout-and-hang").send();
        match tokio::time::timeout(Duration::from_secs(5), sent).await {
            Ok(res) => assert_eq!((res.status().as_u16(), set(&res).as_deref()), (503, Some(""))),
            // The client left.
            Err(_) => assert!(!has_timeout),
        }
        // What is done without a client is done beside the requests.
        while !site.probe.store.is_empty() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        assert_eq!(page(&client, "/who").await, "nobody");
    }
}

/// A store of sessions of which one load fails: that which counts to zero.
#[derive(Default)]
struct Flaky {
    store: MemoryStore,
    loads: AtomicUsize,
}

impl Store for Flaky {
    async fn create(&self, key: &Key, new: NewSession<'_>) -> Result<(), StoreError> {
        self.store.create(key, new).await
    }

    async fn load(&self, key: &Key, now: Timestamp) -> Result<Option<StoredSession>, StoreError> {
        if self.loads.fetch_sub(1, SeqCst) == 1 {
            return Err("the store is down".into());
        }
        self.store.load(key, now).await
    }

    async fn swap(&self, key: &Key, change: PartChange<'_>, now: Timestamp) -> Result<Swapped, StoreError> {
        self.store.swap(key, change, now).await
    }

    async fn touch(&self, key: &Key, expires: Timestamp, now: Timestamp) -> Result<(), StoreError> {
        self.store.touch(key, expires, now).await
    }

    async fn rename(&self, from: &Key, to: &Key, new: NewSession<'_>) -> Result<bool, StoreError> {
        self.store.rename(from, to, new).await
    }

    async fn remove(&self, key: &Key) -> Result<(), StoreError> {
        self.store.remove(key).await
    }

    async fn remove_owned(&self, owner: &str, except: Option<&Key>) -> Result<(), StoreError> {
        self.store.remove_owned(owner, except).await
    }

    async fn sweep(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.store.sweep(now).await
    }
}

#[tokio::test]
async fn a_failure_of_the_sessions_that_reads_as_nobody_is_no_logout() {
    for (wait, failing) in [(5, 1), (2 * DAY, 1), (2 * DAY, 2)] {
        let (site, sessions) = (Site::new(), Arc::new(Flaky::default()));
        let session = Session::new(Arc::clone(&sessions)).on_store_failure(StoreFailure::ReadDefaults);
        let client = Client::new(app![session.clock(site.clock()), site.layer(), login, index, who]);
        post_to(&client, "/login/ann").await;
        site.wait(wait);
        sessions.loads.store(failing, SeqCst);
        assert_eq!(page(&client, "/").await, "hello");
        assert_eq!((sessions.loads.load(SeqCst) == 0, site.probe.store.len()), (true, 1), "{wait} {failing}");
        assert!(client.cookie("remember").is_some());
        assert_eq!(page(&client, "/who").await, "ann");
    }
}
