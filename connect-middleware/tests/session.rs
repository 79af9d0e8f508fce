//! Sessions, as browsers with several tabs use them.
#![cfg(feature = "session")]

use connect::testing::{Client, TestResponse};
use connect::{
    App, Chain, Error, Next, Outermost, Redirect, Request, Response, Result, TrustProxy, app, error_handler,
    get, guard, middleware, post, router,
};
use connect_middleware::session::{
    Key, Login, MemoryStore, NewSession, Part, PartChange, Principal, Session, SessionError, Sessions, Store,
    StoreError, StoreFailure, StoredSession, Swapped, Timestamp, require_login, require_role,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Semaphore;

#[derive(Serialize, Deserialize, Default)]
struct Cart {
    items: Vec<String>,
}

impl Part for Cart {
    const NAME: &'static str = "cart";
}

#[derive(Serialize, Deserialize, Default)]
struct Visits(u32);

impl Part for Visits {
    const NAME: &'static str = "visits";
}

/// What another version of the application has stored as the cart.
#[derive(Serialize, Deserialize, Default)]
struct OtherCart(u32);

impl Part for OtherCart {
    const NAME: &'static str = "cart";
}

#[get("/")]
fn index() -> &'static str {
    "hello"
}

#[get("/cart")]
async fn cart(sessions: &Sessions) -> Result<String> {
    Ok(sessions.get::<Cart>().await?.items.join(","))
}

#[post("/cart/:item")]
async fn add(sessions: &Sessions, item: String) -> Result<Redirect> {
    sessions.change::<Cart>(|cart| cart.items.push(item.clone())).await?;
    Ok(Redirect::see_other("/cart"))
}

#[post("/leave")]
async fn leave_as_it_is(sessions: &Sessions) -> Result<String> {
    let cart = sessions.change::<Cart>(|_| {}).await?;
    Ok(cart.items.len().to_string())
}

#[post("/visit")]
async fn visit(sessions: &Sessions) -> Result<String> {
    Ok(sessions.change::<Visits>(|visits| visits.0 += 1).await?.0.to_string())
}

#[post("/take")]
async fn take(sessions: &Sessions) -> Result<String> {
    let pop = |cart: &mut Cart| {
        cart.items.push("not kept".to_owned());
        if cart.items.len() < 3 { Err(Error::new(422, "too few")) } else { Ok(cart.items.swap_remove(0)) }
    };
    sessions.try_change(pop).await
}

#[post("/empty")]
async fn empty(sessions: &Sessions) -> Result<&'static str> {
    sessions.remove::<Cart>().await?;
    Ok("empty")
}

#[post("/login/:id/:role")]
async fn login(sessions: &Sessions, id: String, role: String) -> Result<&'static str> {
    sessions.login(Principal::new(id).role(role)).await?;
    Ok("welcome")
}

#[post("/logout")]
async fn logout(sessions: &Sessions) -> Result<&'static str> {
    sessions.logout().await?;
    Ok("bye")
}

#[post("/logout-everywhere")]
async fn logout_everywhere(sessions: &Sessions) -> Result<&'static str> {
    sessions.logout_everywhere().await?;
    Ok("bye")
}

#[post("/logout-elsewhere")]
async fn logout_elsewhere(sessions: &Sessions) -> Result<&'static str> {
    sessions.logout_elsewhere().await?;
    Ok("still here")
}

#[post("/lock/:id")]
async fn lock(sessions: &Sessions, id: String) -> Result<&'static str> {
    sessions.logout_principal(&id).await?;
    Ok("locked")
}

#[get("/who")]
async fn who(sessions: &Sessions) -> Result<String> {
    Ok(sessions.principal().await?.map_or("nobody".to_owned(), |principal| principal.id().to_owned()))
}

#[post("/fails")]
async fn fails(sessions: &Sessions) -> Result<&'static str> {
    sessions.change::<Visits>(|visits| visits.0 += 1).await?;
    Err(Error::new(418, "after the change"))
}

#[post("/panics")]
async fn panics(sessions: &Sessions) -> Result<&'static str> {
    sessions.change::<Visits>(|visits| visits.0 += 1).await?;
    panic!("after the change")
}

/// A stream that changes the session after the head was sent, and says how that went.
#[post("/stream")]
async fn stream(sessions: &Sessions, res: &mut Response) -> Result {
    let sessions = sessions.clone();
    let late = async move {
        sessions.reload().await;
        let text = match sessions.change::<Visits>(|visits| visits.0 += 10).await {
            Ok(visits) => visits.0.to_string(),
            Err(err) => format!("{}: {err}", err.status().as_u16()),
        };
        Ok::<_, std::io::Error>(text)
    };
    res.stream(futures_util::stream::once(late))
}

#[post("/save/:text")]
async fn save(sessions: &Sessions, text: String) -> Result<Redirect> {
    sessions.flash("info", format!("saved {text}")).await?;
    Ok(Redirect::see_other("/messages"))
}

#[get("/messages")]
async fn messages(sessions: &Sessions) -> Result<String> {
    let messages = sessions.take_flash().await?;
    Ok(messages.iter().map(|message| format!("{}: {};", message.kind, message.text)).collect())
}

#[post("/other")]
async fn other(sessions: &Sessions) -> Result<String> {
    Ok(sessions.get::<OtherCart>().await?.0.to_string())
}

/// Says what was the cause.
#[error_handler]
fn on_session_error(err: SessionError, _req: &mut Request, res: &mut Response, _next: Next) -> Result {
    let text = format!("sorry: {err}");
    res.status(err.status()).text(text)
}

fn routes(session: Session) -> App<impl Chain, Outermost> {
    app![
        session,
        index,
        cart,
        add,
        leave_as_it_is,
        visit,
        take,
        empty,
        login,
        logout,
        logout_everywhere,
        logout_elsewhere,
        lock,
        who,
        fails,
        panics,
        stream,
        save,
        messages,
        other,
        on_session_error,
    ]
    .trust_proxy(TrustProxy::none())
}

/// A store in memory that counts, fails, hangs, and waits where a test says so.
#[derive(Default)]
struct Probe {
    store: MemoryStore,
    calls: Mutex<BTreeMap<&'static str, u32>>,
    is_down: AtomicBool,
    hangs: AtomicBool,
    /// Changes wait for a permit.
    gate: Mutex<Option<Arc<Semaphore>>>,
    at_gate: Arc<AtomicU64>,
}

impl Probe {
    async fn call(&self, name: &'static str) -> Result<(), StoreError> {
        *self.calls.lock().unwrap().entry(name).or_default() += 1;
        if self.hangs.load(SeqCst) {
            std::future::pending::<()>().await;
        }
        if self.is_down.load(SeqCst) { Err("the store is down".into()) } else { Ok(()) }
    }

    /// The calls since the last time, without those of the sweep.
    fn calls(&self) -> String {
        let calls = std::mem::take(&mut *self.calls.lock().unwrap());
        let calls = calls.iter().filter(|(name, _)| **name != "sweep");
        calls.map(|(name, count)| format!("{name} {count};")).collect()
    }
}

impl Store for Probe {
    async fn create(&self, key: &Key, session: NewSession<'_>) -> Result<(), StoreError> {
        self.call("create").await?;
        self.store.create(key, session).await
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
        self.store.rename(from, to, session).await
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

fn probe() -> (Arc<Probe>, Client) {
    let probe = Arc::new(Probe::default());
    let client = browser(&probe);
    (probe, client)
}

/// A browser with cookies of its own.
fn browser(probe: &Arc<Probe>) -> Client {
    Client::new(routes(Session::new(Arc::clone(probe))))
}

async fn post(client: &Client, target: &str) -> TestResponse {
    client.post(target).send().await
}

/// The text of a page.
async fn page(client: &Client, target: &str) -> String {
    let res = client.get(target).send().await;
    res.assert_status(200);
    res.text().to_owned()
}

/// The text of a page for somebody who has a certain token.
async fn page_with(probe: &Arc<Probe>, token: &str, target: &str) -> String {
    let res = browser(probe).get(target).cookie("id", token).send().await;
    res.assert_status(200);
    res.text().to_owned()
}

fn token(client: &Client) -> String {
    client.cookie("id").expect("a cookie")
}

#[tokio::test]
async fn a_visitor_without_data_gets_no_cookie_and_nothing_is_stored() {
    let (probe, client) = probe();
    for _ in 0..2 {
        assert_eq!(page(&client, "/").await, "hello");
        assert_eq!(page(&client, "/cart").await, "");
        assert_eq!(page(&client, "/messages").await, "");
        post(&client, "/leave").await.assert_status(200).assert_no_header("set-cookie");
        post(&client, "/empty").await.assert_status(200).assert_no_header("set-cookie");
        post(&client, "/logout").await.assert_status(200).assert_no_header("set-cookie");
        post(&client, "/logout-everywhere").await.assert_status(200).assert_no_header("set-cookie");
    }
    assert_eq!((probe.calls().as_str(), probe.store.len(), client.cookie("id")), ("", 0, None));
}

#[tokio::test]
async fn a_route_costs_what_it_does() {
    let (probe, client) = probe();
    post(&client, "/cart/anvil").await.assert_status(303);
    assert_eq!(probe.calls(), "create 1;");
    assert_eq!(page(&client, "/").await, "hello");
    assert_eq!(probe.calls(), "", "a route that takes nothing of the session");
    assert_eq!(page(&client, "/cart").await, "anvil");
    assert_eq!(probe.calls(), "load 1;", "a route that reads");
    post(&client, "/leave").await.assert_text("1");
    assert_eq!(probe.calls(), "load 1;", "a change that changes nothing");
    post(&client, "/cart/rope").await.assert_status(303);
    assert_eq!(probe.calls(), "load 1;swap 1;", "a change");
    post(&client, "/login/ann/admin").await.assert_status(200);
    assert_eq!(probe.calls(), "load 1;rename 1;");
    post(&client, "/logout").await.assert_status(200);
    assert_eq!((probe.calls().as_str(), client.cookie("id")), ("remove 1;", None));
}

#[tokio::test]
async fn the_attributes_of_the_cookie() {
    let plain = |value: &str| {
        let (token, attributes) = value.split_once("; ").unwrap();
        let (name, token) = token.split_once('=').unwrap();
        // The date changes.
        let attributes: Vec<&str> = attributes.split("; ").filter(|it| !it.starts_with("Expires=")).collect();
        (name.to_owned(), token.len(), attributes.join("; "))
    };
    let lax = "HttpOnly; SameSite=Lax";
    let set = async |session: Session, scheme: &str| {
        let app = app![session, add, logout].trust_proxy(TrustProxy::all());
        let client = Client::new(app);
        let res = client.post("/cart/a").header("x-forwarded-proto", scheme).send().await;
        res.assert_status(303)
            .assert_header("cache-control", "private")
            .assert_header("vary", "Accept, Cookie");
        let set = plain(res.header("set-cookie").unwrap());
        let res = client.post("/logout").header("x-forwarded-proto", scheme).send().await;
        let cleared = res.header("set-cookie").unwrap();
        let (name, length, attributes) = plain(cleared);
        let expected = set.2.replace("; Max-Age=2592000", "").replace("; Max-Age=60", "");
        assert_eq!((name, length, attributes), (set.0.clone(), 0, expected));
        assert!(cleared.ends_with("; Expires=Thu, 01 Jan 1970 00:00:00 GMT"), "{cleared}");
        set
    };
    let new = || Session::new(MemoryStore::new());
    for (session, scheme, name, attributes) in [
        (new(), "https", "__Host-id", format!("{lax}; Secure; Path=/; Max-Age=2592000")),
        (new(), "http", "id", format!("{lax}; Path=/; Max-Age=2592000")),
        (new().path("/cart"), "https", "__Secure-id", format!("{lax}; Secure; Path=/cart; Max-Age=2592000")),
        (new().secure(true), "http", "__Host-id", format!("{lax}; Secure; Path=/; Max-Age=2592000")),
        (new().secure(false), "https", "id", format!("{lax}; Path=/; Max-Age=2592000")),
        (new().name("__Host-s"), "http", "__Host-s", format!("{lax}; Secure; Path=/; Max-Age=2592000")),
        (
            new().name("sid").same_site(connect::cookie::SameSite::Strict).persistent(false),
            "https",
            "sid",
            "HttpOnly; SameSite=Strict; Secure; Path=/".to_owned(),
        ),
        (new().absolute(Duration::from_secs(60)), "http", "id", format!("{lax}; Path=/; Max-Age=60")),
    ] {
        if attributes.contains("Path=/cart") {
            // Its cookie does not come to `/logout`.
            let client = Client::new(app![session, add].trust_proxy(TrustProxy::all()));
            let res = client.post("/cart/a").header("x-forwarded-proto", scheme).send().await;
            assert_eq!(plain(res.header("set-cookie").unwrap()), (name.to_owned(), 43, attributes));
            continue;
        }
        assert_eq!(set(session, scheme).await, (name.to_owned(), 43, attributes));
    }
}

#[test]
fn a_cookie_that_browsers_refuse_is_refused_when_the_layer_is_made() {
    let new = || Session::new(MemoryStore::new());
    for session in [
        || Session::new(MemoryStore::new()).name(""),
        || Session::new(MemoryStore::new()).name("a b"),
        || Session::new(MemoryStore::new()).name("a=b"),
        || Session::new(MemoryStore::new()).name("__Host-a").secure(false),
        || Session::new(MemoryStore::new()).name("__host-a").path("/a"),
    ] {
        assert!(std::panic::catch_unwind(move || app![session(), index]).is_err());
    }
    let _app = app![new().name("__Secure-a").path("/a"), index];
}

#[tokio::test]
async fn two_tabs_lose_nothing() {
    let (probe, client) = probe();
    post(&client, "/visit").await.assert_text("1");
    probe.calls();
    // Eight changes have read the same version before the first of them is stored.
    let gate = Arc::new(Semaphore::new(0));
    *probe.gate.lock().unwrap() = Some(Arc::clone(&gate));
    let tabs: Vec<_> = (0..8)
        .map(|tab| {
            let client = client.clone();
            tokio::spawn(async move {
                let target = if tab % 2 == 0 { "/visit".to_owned() } else { format!("/cart/{tab}") };
                post(&client, &target).await.status()
            })
        })
        .collect();
    while probe.at_gate.load(SeqCst) < 8 {
        tokio::task::yield_now().await;
    }
    gate.add_permits(1000);
    for tab in tabs {
        assert!(matches!(tab.await.unwrap().as_u16(), 200 | 303));
    }
    post(&client, "/visit").await.assert_text("6");
    let cart = page(&client, "/cart").await;
    let mut items: Vec<&str> = cart.split(',').collect();
    items.sort_unstable();
    assert_eq!(items, ["1", "3", "5", "7"]);
    assert_eq!(probe.store.len(), 1);
}

#[tokio::test]
async fn a_part_in_constant_change_is_a_503_in_the_end() {
    let (probe, client) = probe();
    post(&client, "/visit").await.assert_text("1");
    let gate = Arc::new(Semaphore::new(0));
    *probe.gate.lock().unwrap() = Some(Arc::clone(&gate));
    let slow = tokio::spawn({
        let client = client.clone();
        async move { post(&client, "/visit").await }
    });
    for turn in 1..=32 {
        while probe.at_gate.load(SeqCst) < turn {
            tokio::task::yield_now().await;
        }
        // Another request is faster each time.
        *probe.gate.lock().unwrap() = None;
        post(&client, "/visit").await.assert_status(200);
        *probe.gate.lock().unwrap() = Some(Arc::clone(&gate));
        gate.add_permits(1);
    }
    let res = slow.await.unwrap();
    res.assert_status(503);
    res.assert_text("sorry: too many requests changed the part `visits` of one session at the same time");
    *probe.gate.lock().unwrap() = None;
    post(&client, "/visit").await.assert_text("34");
}

#[tokio::test]
async fn a_slow_save_does_not_bring_back_what_a_logout_has_ended() {
    for end in ["/logout", "/logout-everywhere", "/lock/ann", "/login/ann/admin"] {
        let (probe, client) = probe();
        post(&client, "/cart/anvil").await.assert_status(303);
        post(&client, "/login/ann/user").await.assert_status(200);
        let old = token(&client);
        let gate = Arc::new(Semaphore::new(0));
        *probe.gate.lock().unwrap() = Some(Arc::clone(&gate));
        let slow = tokio::spawn({
            let client = client.clone();
            async move { post(&client, "/cart/rope").await }
        });
        while probe.at_gate.load(SeqCst) == 0 {
            tokio::task::yield_now().await;
        }
        post(&client, end).await.assert_status(200);
        let now = client.cookie("id");
        gate.add_permits(10);
        let res = slow.await.unwrap();
        res.assert_status(409).assert_text("sorry: the session ended while the request was using it");
        // The cookie is that of the other tab.
        res.assert_no_header("set-cookie");
        assert_eq!(client.cookie("id"), now, "{end}");
        assert_eq!(page_with(&probe, &old, "/who").await, "nobody", "{end}");
        assert_eq!(page_with(&probe, &old, "/cart").await, "", "{end}");
        assert_eq!(probe.store.len(), usize::from(end.starts_with("/login")), "{end}");
    }
}

#[tokio::test]
async fn a_redirect_sees_what_was_changed_before_it() {
    let session = Session::new(MemoryStore::new());
    let client = Client::serve(routes(session)).await.unwrap();
    for (item, all) in [("a", "a"), ("b", "a,b"), ("c", "a,b,c")] {
        let res = post(&client, &format!("/cart/{item}")).await;
        res.assert_redirect("/cart");
        assert_eq!(page(&client, "/cart").await, all);
    }
    post(&client, "/save/all").await.assert_redirect("/messages");
    assert_eq!(page(&client, "/messages").await, "info: saved all;");
    assert_eq!(page(&client, "/messages").await, "");
}

#[tokio::test]
async fn a_message_is_read_once_and_the_latest_are_kept() {
    let (probe, client) = probe();
    for number in 0..40 {
        post(&client, &format!("/save/{number}")).await.assert_status(303);
    }
    let gate = Arc::new(Semaphore::new(0));
    *probe.gate.lock().unwrap() = Some(Arc::clone(&gate));
    let tabs: Vec<_> = (0..4)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { page(&client, "/messages").await })
        })
        .collect();
    while probe.at_gate.load(SeqCst) < 4 {
        tokio::task::yield_now().await;
    }
    gate.add_permits(100);
    let mut read = Vec::new();
    for tab in tabs {
        read.push(tab.await.unwrap());
    }
    read.retain(|text| !text.is_empty());
    let expected: String = (8..40).map(|number| format!("info: saved {number};")).collect();
    assert_eq!(read, [expected]);
}

#[tokio::test]
async fn a_token_of_the_clients_own_choosing_never_becomes_a_session() {
    let (probe, client) = probe();
    let chosen = "A".repeat(43);
    for made_up in [&*chosen, "x", "", "../../etc/passwd", "%00"] {
        let other = browser(&probe);
        let res = other.post("/cart/a").cookie("id", made_up).send().await;
        res.assert_status(303);
        let given = token(&other);
        assert_ne!(given, made_up);
        assert_eq!(page_with(&probe, made_up, "/cart").await, "");
        let other = browser(&probe);
        other.post("/login/ann/user").cookie("id", made_up).send().await.assert_status(200);
        assert_ne!(token(&other), made_up);
        assert_eq!(page_with(&probe, made_up, "/who").await, "nobody");
    }
    // Nor does one that has expired or was ended.
    post(&client, "/login/ann/user").await.assert_status(200);
    let old = token(&client);
    post(&client, "/logout").await.assert_status(200);
    let other = browser(&probe);
    other.post("/cart/a").cookie("id", &old).send().await.assert_status(303);
    assert_ne!(token(&other), old);
    assert_eq!(page_with(&probe, &old, "/cart").await, "");
}

#[tokio::test]
async fn a_login_gives_a_new_token_and_keeps_the_parts() {
    let (probe, client) = probe();
    post(&client, "/cart/anvil").await.assert_status(303);
    let anonymous = token(&client);
    post(&client, "/login/ann/user").await.assert_status(200);
    let user = token(&client);
    assert_ne!(user, anonymous);
    assert_eq!((page(&client, "/who").await, page(&client, "/cart").await), ("ann".into(), "anvil".into()));
    assert_eq!(page_with(&probe, &anonymous, "/who").await, "nobody");
    assert_eq!(page_with(&probe, &anonymous, "/cart").await, "");
    // More rights are another token, too.
    post(&client, "/login/ann/admin").await.assert_status(200);
    assert_ne!(token(&client), user);
    assert_eq!(page_with(&probe, &user, "/who").await, "nobody");
    assert_eq!(page(&client, "/cart").await, "anvil");
    // Somebody else does not get what was hers.
    let ann = token(&client);
    post(&client, "/login/bob/user").await.assert_status(200);
    assert_eq!((page(&client, "/who").await, page(&client, "/cart").await), ("bob".into(), String::new()));
    assert_eq!(page_with(&probe, &ann, "/who").await, "nobody");
    assert_eq!(probe.store.len(), 1);
    // What is begun after a logout has nothing of before.
    post(&client, "/cart/rope").await.assert_status(303);
    post(&client, "/logout").await.assert_status(200).assert_header("vary", "Cookie");
    assert_eq!((client.cookie("id"), page(&client, "/cart").await), (None, String::new()));
    assert_eq!(probe.store.len(), 0);
}

#[tokio::test]
async fn all_browsers_of_a_principal_are_logged_out() {
    let probe = Arc::new(Probe::default());
    let browsers: Vec<Client> = (0..4).map(|_| browser(&probe)).collect();
    let all = async |target: &str| {
        let mut texts = Vec::new();
        for browser in &browsers {
            texts.push(page(browser, target).await);
        }
        texts.join(" ")
    };
    let sign_in = async || {
        for browser in &browsers[..3] {
            post(browser, "/login/ann/user").await.assert_status(200);
        }
        post(&browsers[3], "/login/bob/user").await.assert_status(200);
        assert_eq!(all("/who").await, "ann ann ann bob");
    };
    sign_in().await;
    post(&browsers[1], "/logout-elsewhere").await.assert_status(200).assert_no_header("set-cookie");
    assert_eq!(all("/who").await, "nobody ann nobody bob");
    sign_in().await;
    post(&browsers[0], "/logout-everywhere").await.assert_status(200);
    assert_eq!((browsers[0].cookie("id"), all("/who").await.as_str()), (None, "nobody nobody nobody bob"));
    sign_in().await;
    post(&browsers[3], "/lock/ann").await.assert_status(200);
    assert_eq!(all("/who").await, "nobody nobody nobody bob");
    post(&browsers[3], "/lock/bob").await.assert_status(200);
    assert_eq!((browsers[3].cookie("id"), probe.store.len()), (None, 0));
}

#[tokio::test]
async fn a_session_ends_when_it_is_idle_or_old() {
    let clock = Arc::new(AtomicU64::new(1_000_000));
    let probe = Arc::new(Probe::default());
    let minutes = |minutes: u64| Duration::from_secs(60 * minutes);
    let present = Arc::clone(&clock);
    let session = Session::new(Arc::clone(&probe))
        .idle(minutes(60))
        .absolute(minutes(300))
        .clock(move || Timestamp::from_millis(present.load(SeqCst)));
    let client = Client::new(routes(session));
    let pass = |time: u64| clock.fetch_add(60_000 * time, SeqCst);
    post(&client, "/visit").await.assert_text("1");
    // In use, and told to the store every five minutes at most.
    for (time, calls) in
        [(0, "load 1;"), (4, "load 1;"), (1, "load 1;touch 1;"), (4, "load 1;"), (55, "load 1;touch 1;")]
    {
        pass(time);
        probe.calls();
        page(&client, "/cart").await;
        assert_eq!(probe.calls(), calls, "after {time} minutes");
    }
    post(&client, "/visit").await.assert_text("2");
    pass(60);
    post(&client, "/visit").await.assert_text("1");
    for _ in 0..5 {
        pass(55);
        page(&client, "/cart").await;
    }
    post(&client, "/visit").await.assert_text("2");
    pass(25);
    post(&client, "/visit").await.assert_text("1");
    // A login begins anew.
    pass(55);
    post(&client, "/login/ann/user").await.assert_status(200);
    for _ in 0..5 {
        pass(55);
        assert_eq!(page(&client, "/who").await, "ann");
    }
    post(&client, "/visit").await.assert_text("2");
    pass(25);
    assert_eq!(page(&client, "/who").await, "nobody");
    // What has expired goes away with the next sweep.
    pass(60);
    page(&client, "/cart").await;
    post(&client, "/visit").await.assert_text("1");
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    assert_eq!(probe.store.len(), 1);
}

#[tokio::test]
async fn a_store_that_is_down_is_a_503_and_nothing_is_lost() {
    let (probe, client) = probe();
    post(&client, "/login/ann/user").await.assert_status(200);
    post(&client, "/cart/anvil").await.assert_status(303);
    let before = token(&client);
    probe.is_down.store(true, SeqCst);
    for target in ["/cart", "/who", "/messages"] {
        let res = client.get(target).send().await;
        res.assert_status(503).assert_text("sorry: the session store failed").assert_no_header("set-cookie");
    }
    for target in ["/cart/rope", "/visit", "/login/ann/admin", "/logout", "/logout-everywhere", "/lock/ann"] {
        let res = post(&client, target).await;
        res.assert_status(503).assert_text("sorry: the session store failed").assert_no_header("set-cookie");
    }
    // A visitor without a session needs the store only for a change.
    let visitor = browser(&probe);
    assert_eq!(page(&visitor, "/cart").await, "");
    post(&visitor, "/visit").await.assert_status(503).assert_no_header("set-cookie");
    // What does not use the session goes on.
    assert_eq!(page(&client, "/").await, "hello");
    probe.is_down.store(false, SeqCst);
    assert_eq!((page(&client, "/who").await, page(&client, "/cart").await), ("ann".into(), "anvil".into()));
    assert_eq!(token(&client), before);
}

#[tokio::test]
async fn reading_routes_can_go_on_without_the_store() {
    #[get("/account")]
    fn account(principal: &Principal) -> String {
        principal.id().to_owned()
    }
    let probe = Arc::new(Probe::default());
    let session = Session::new(Arc::clone(&probe)).on_store_failure(StoreFailure::ReadDefaults);
    let client = Client::new(app![session, cart, who, visit, login, guard![require_login() => account]]);
    post(&client, "/login/ann/user").await.assert_status(200);
    probe.is_down.store(true, SeqCst);
    assert_eq!((page(&client, "/who").await, page(&client, "/cart").await), ("nobody".into(), String::new()));
    post(&client, "/visit").await.assert_status(503).assert_no_header("set-cookie");
    // Not a 401: she is signed in.
    client.get("/account").send().await.assert_status(503);
    probe.is_down.store(false, SeqCst);
    assert_eq!((page(&client, "/who").await, page(&client, "/account").await), ("ann".into(), "ann".into()));
}

#[tokio::test(start_paused = true)]
async fn a_store_that_hangs_has_failed_after_a_while() {
    let (probe, client) = probe();
    post(&client, "/visit").await.assert_text("1");
    probe.hangs.store(true, SeqCst);
    let start = tokio::time::Instant::now();
    post(&client, "/visit").await.assert_status(503);
    assert_eq!(start.elapsed().as_secs(), 5);
}

#[tokio::test]
async fn what_happens_after_a_change_does_not_undo_it() {
    let (probe, client) = probe();
    post(&client, "/fails").await.assert_status(418).assert_header("vary", "Cookie");
    post(&client, "/panics").await.assert_status(500);
    post(&client, "/visit").await.assert_text("3");
    let new = browser(&probe);
    post(&new, "/panics").await.assert_status(500);
    post(&new, "/visit").await.assert_text("2");
}

#[tokio::test]
async fn a_stream_can_change_a_session_and_not_begin_one() {
    let (probe, client) = probe();
    let text = "500: a session cannot begin or get a new token after the response head was sent";
    post(&client, "/stream").await.assert_status(200).assert_text(text).assert_no_header("set-cookie");
    assert_eq!(probe.store.len(), 0);
    post(&client, "/visit").await.assert_text("1");
    post(&client, "/stream").await.assert_status(200).assert_text("11");
    post(&client, "/visit").await.assert_text("12");
}

#[tokio::test]
async fn a_change_that_fails_changes_nothing() {
    let (probe, client) = probe();
    post(&client, "/take").await.assert_status(422);
    assert_eq!((client.cookie("id"), probe.store.len()), (None, 0));
    for item in ["a", "b"] {
        post(&client, &format!("/cart/{item}")).await.assert_status(303);
    }
    post(&client, "/take").await.assert_status(200).assert_text("a");
    post(&client, "/empty").await.assert_status(200);
    assert_eq!(page(&client, "/cart").await, "");
    post(&client, "/take").await.assert_status(422);
    assert_eq!(page(&client, "/cart").await, "");
}

#[tokio::test]
async fn a_part_that_is_too_large_or_of_another_type_is_an_error() {
    let client = Client::new(routes(Session::new(MemoryStore::new()).part_limit(40)));
    post(&client, "/cart/short").await.assert_status(303);
    let res = post(&client, &format!("/cart/{}", "long".repeat(10))).await;
    res.assert_status(413);
    res.assert_text("sorry: the part `cart` of the session would have 62 bytes, and at most 40 are allowed");
    assert_eq!(page(&client, "/cart").await, "short");
    let res = post(&client, "/other").await;
    res.assert_status(500);
    res.assert_text("sorry: the part `cart` of the session cannot be read or written as its type");
    post(&client, "/empty").await.assert_status(200);
    post(&client, "/other").await.assert_text("0");
}

#[tokio::test]
async fn guards_answer_401_and_403_and_provide_the_principal() {
    #[get("/account")]
    fn account(principal: &Principal) -> String {
        principal.id().to_owned()
    }
    #[get("/stats")]
    fn stats(principal: &Principal) -> String {
        format!("stats for {}", principal.id())
    }
    #[get("/open", public)]
    fn open() -> &'static str {
        "open"
    }
    #[post("/sign-in/:id/:role", public)]
    async fn sign_in(sessions: &Sessions, id: String, role: String) -> Result<&'static str> {
        sessions.login(Principal::new(id).roles([role])).await?;
        Ok("welcome")
    }
    let guarded = app![
        #![deny(unguarded = Principal)]
        Session::new(MemoryStore::new()),
        open,
        sign_in,
        guard![require_login().role("admin").role("auditor") => "/audit" => stats],
        require_login(),
        account,
        "/admin" => router![require_role("admin"), stats],
    ];
    let client = Client::new(guarded);
    assert_eq!(page(&client, "/open").await, "open");
    for target in ["/account", "/admin/stats", "/audit/stats"] {
        client.get(target).send().await.assert_status(401).assert_no_header("set-cookie");
    }
    post(&client, "/sign-in/ann/user").await.assert_status(200);
    assert_eq!(page(&client, "/account").await, "ann");
    for target in ["/admin/stats", "/audit/stats"] {
        client.get(target).send().await.assert_status(403);
    }
    post(&client, "/sign-in/ann/admin").await.assert_status(200);
    assert_eq!(page(&client, "/admin/stats").await, "stats for ann");
    client.get("/audit/stats").send().await.assert_status(403);
}

#[tokio::test]
async fn two_changes_of_one_request_begin_one_session() {
    #[post("/both")]
    async fn both(sessions: &Sessions) -> Result<String> {
        let item = |cart: &mut Cart| cart.items.push("a".to_owned());
        let (visits, cart) =
            tokio::join!(sessions.change::<Visits>(|visits| visits.0 += 1), sessions.change(item));
        let login: Login = sessions.get().await?;
        assert!(login.principal().is_none());
        Ok(format!("{} {}", visits?.0, cart?.items.len()))
    }
    #[middleware]
    async fn first(sessions: &Sessions, next: Next) -> Result {
        sessions.change::<Visits>(|visits| visits.0 += 1).await?;
        next.pass()
    }
    let probe = Arc::new(Probe::default());
    let client = Client::new(app![Session::new(Arc::clone(&probe)), first, both]);
    post(&client, "/both").await.assert_text("2 1");
    post(&client, "/both").await.assert_text("4 2");
    assert_eq!(probe.store.len(), 1);
}

/// The warnings that are logged while a future runs.
mod warnings {
    use std::fmt;
    use std::sync::{Arc, Mutex};
    use tracing::field::{Field, Visit};
    use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

    #[derive(Clone, Default)]
    pub(super) struct Log(pub(super) Arc<Mutex<Vec<String>>>);

    impl<S: tracing::Subscriber> Layer<S> for Log {
        fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
            if event.metadata().target().starts_with("connect_middleware") {
                event.record(&mut Text(&self.0));
            }
        }
    }

    struct Text<'a>(&'a Mutex<Vec<String>>);

    impl Visit for Text<'_> {
        fn record_debug(&mut self, _: &Field, value: &dyn fmt::Debug) {
            self.0.lock().unwrap().push(format!("{value:?}"));
        }
    }

    pub(super) fn log() -> (Log, tracing::subscriber::DefaultGuard) {
        let log = Log::default();
        let guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(log.clone()));
        (log, guard)
    }
}

#[tokio::test]
async fn a_cookie_that_cannot_arrive_is_one_warning() {
    let new = || Session::new(MemoryStore::new());
    for (session, scheme, warning) in [
        (new(), "http", None),
        (new().secure(true), "http", Some("the session cookie is `Secure`, and this request came over http")),
        (
            new().same_site(connect::cookie::SameSite::None),
            "http",
            Some("the session cookie is `SameSite=None`, and this request came over http"),
        ),
        (new(), "https", Some("a proxy says that a request came over https, and it is not trusted")),
    ] {
        let (log, _guard) = warnings::log();
        let client = Client::new(app![session, index]);
        for _ in 0..3 {
            client.get("/").header("x-forwarded-proto", scheme).send().await.assert_status(200);
        }
        let lines = log.0.lock().unwrap().clone();
        assert_eq!(lines.len(), usize::from(warning.is_some()), "{lines:?}");
        assert!(lines.iter().all(|line| line.starts_with(warning.unwrap())), "{lines:?}");
    }
}
