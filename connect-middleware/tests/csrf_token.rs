//! Forms with tokens and without.
#![cfg(feature = "csrf-token")]

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use connect::testing::Client;
use connect::{Form, Result, app, body_parser, get, guard, post, put};
use connect_middleware::csrf::Csrf;
use connect_middleware::csrf::token::{CsrfToken, CsrfTokens};
use connect_middleware::session::{
    Key, MemoryStore, NewSession, PartChange, Principal, Session, Sessions, Store, StoreError, StoreFailure,
    StoredSession, Swapped, Timestamp, require_login,
};
use http::Method;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

#[get("/")]
fn index() -> &'static str {
    "hello"
}

#[get("/token")]
async fn token(csrf: &CsrfToken) -> Result<String> {
    csrf.token().await
}

#[post("/form")]
fn form(Form(form): Form<HashMap<String, String>>) -> String {
    form["name"].clone()
}

#[post("/")]
fn change() -> &'static str {
    "changed"
}

#[put("/")]
fn replace() -> &'static str {
    "replaced"
}

#[post("/login/:id")]
async fn login(sessions: &Sessions, id: String) -> Result<&'static str> {
    sessions.login(Principal::new(id)).await?;
    Ok("welcome")
}

#[post("/logout")]
async fn logout(sessions: &Sessions) -> Result<&'static str> {
    sessions.logout().await?;
    Ok("bye")
}

fn session() -> Session {
    Session::new(MemoryStore::new())
}

fn client() -> Client {
    Client::new(app![session(), CsrfTokens::new(), index, token, form, change, replace, login, logout])
}

async fn token_for(client: &Client) -> String {
    client.get("/token").send().await.assert_ok().text().to_owned()
}

async fn status_with(client: &Client, token: &str) -> u16 {
    client.post("/").header("x-csrf-token", token).send().await.status().as_u16()
}

#[tokio::test]
async fn a_form_with_its_token_passes_and_stays_readable() {
    let app = app![session(), CsrfTokens::new(), token, form];
    let client = Client::serve(app).await.unwrap();
    let token = token_for(&client).await;
    let res = client.post("/form").form(&[("name", "tobi"), ("_csrf", &token)]).send().await;
    res.assert_status(200).assert_text("tobi");
    for other in [vec![("name", "tobi")], vec![("name", "tobi"), ("_csrf", "")], vec![("csrf", &*token)]] {
        client.post("/form").form(&other).send().await.assert_status(403);
    }
}

#[tokio::test]
async fn a_script_sends_the_token_in_a_header() {
    let client = client();
    let token = token_for(&client).await;
    client.post("/").header("x-csrf-token", &token).send().await.assert_text("changed");
    client.put("/").header("x-csrf-token", &token).send().await.assert_text("replaced");
    client.post("/").send().await.assert_status(403);
    // Nothing else is asked where there is a header.
    let req = client.post("/form").header("x-csrf-token", "wrong");
    req.form(&[("name", "tobi"), ("_csrf", &token)]).send().await.assert_status(403);
    // Addresses are logged.
    client.post(&format!("/?_csrf={token}")).send().await.assert_status(403);
}

#[tokio::test]
async fn of_two_headers_none_says_anything() {
    let client = client();
    let token = token_for(&client).await;
    let cookie = format!("id={}", client.cookie("id").unwrap());
    let mut req = http::Request::post("/").header("cookie", cookie);
    for value in [&token, &token] {
        req = req.header("x-csrf-token", value);
    }
    let mut res = connect::Response::new();
    let app = app![session(), CsrfTokens::new(), change];
    let _ = app.run(&mut req.body("").unwrap().into(), &mut res).await;
    assert_eq!(res.status_code(), 403);
}

#[tokio::test]
async fn methods_that_change_nothing_need_no_token() {
    let client = client();
    for method in [Method::GET, Method::HEAD, Method::OPTIONS] {
        client.request(method, "/").send().await.assert_ok();
    }
    for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
        client.request(method, "/").send().await.assert_status(403);
    }
}

#[tokio::test]
async fn each_token_looks_different_and_all_of_a_session_are_valid() {
    let client = client();
    let (first, second) = (token_for(&client).await, token_for(&client).await);
    assert_ne!(first, second);
    let bytes = |token: &str| URL_SAFE_NO_PAD.decode(token).unwrap();
    let (a, b) = (bytes(&first), bytes(&second));
    assert_eq!((a.len(), first.len()), (64, 86));
    assert!(a[..32] != b[..32] && a[32..] != b[32..], "both halves change");
    for token in [&first, &second] {
        assert_eq!(status_with(&client, token).await, 200);
    }
}

#[tokio::test]
async fn a_token_that_is_made_up_or_of_another_session_is_refused() {
    let client = client();
    let token = token_for(&client).await;
    let others = {
        let other = client.clone();
        let kept = client.cookie("id").unwrap();
        client.clear_cookies();
        let token = token_for(&other).await;
        assert_ne!(other.cookie("id").unwrap(), kept);
        token
    };
    // The client has the other session now.
    assert_eq!(status_with(&client, &others).await, 200);
    assert_eq!(status_with(&client, &token).await, 403);
    let mut changed = URL_SAFE_NO_PAD.decode(&others).unwrap();
    changed[63] ^= 1;
    let zeros = URL_SAFE_NO_PAD.encode([0; 64]);
    for other in [
        "",
        "x",
        &others[1..],
        &format!("{others}A"),
        &format!("{others}="),
        &URL_SAFE_NO_PAD.encode(changed),
        &zeros,
    ] {
        assert_eq!(status_with(&client, other).await, 403, "{other}");
    }
    // A session without a secret has no token that is valid.
    client.clear_cookies();
    for other in [&*token, &others, "", &zeros] {
        assert_eq!(status_with(&client, other).await, 403, "{other}");
    }
}

#[tokio::test]
async fn a_token_of_before_the_login_is_worth_nothing_after_it() {
    let client = client();
    // What an attacker knows who gave the browser this session.
    let before = token_for(&client).await;
    client.post("/login/7").header("x-csrf-token", &before).send().await.assert_text("welcome");
    assert_eq!(status_with(&client, &before).await, 403);
    let of_7 = token_for(&client).await;
    assert_eq!(status_with(&client, &of_7).await, 200);
    // The same principal again, as after a change of roles.
    client.post("/login/7").header("x-csrf-token", &of_7).send().await.assert_text("welcome");
    assert_eq!(status_with(&client, &of_7).await, 200);
    client.post("/login/8").header("x-csrf-token", &of_7).send().await.assert_text("welcome");
    assert_eq!(status_with(&client, &of_7).await, 403);
    let of_8 = token_for(&client).await;
    client.post("/logout").header("x-csrf-token", &of_8).send().await.assert_text("bye");
    assert_eq!(status_with(&client, &of_8).await, 403);
}

#[tokio::test]
async fn a_page_without_a_form_begins_no_session() {
    let client = client();
    client.get("/").send().await.assert_ok().assert_no_header("set-cookie").assert_no_header("vary");
    client
        .get("/token")
        .send()
        .await
        .assert_header("vary", "Cookie")
        .assert_header("cache-control", "private");
    client.get("/token").send().await.assert_no_header("set-cookie");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tokens_that_are_made_at_the_same_time_are_of_one_secret() {
    let client = client();
    // A session without a secret.
    client.post("/login/7").header("x-csrf-token", token_for(&client).await).send().await.assert_ok();
    let asked: Vec<_> = (0..8)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { token_for(&client).await })
        })
        .collect();
    for token in asked {
        assert_eq!(status_with(&client, &token.await.unwrap()).await, 200);
    }
}

#[tokio::test]
async fn a_form_that_cannot_be_read_is_an_error_of_its_own() {
    let client = client();
    let token = token_for(&client).await;
    let long = "x".repeat(200 * 1024);
    let res = client.post("/form").form(&[("name", &*long), ("_csrf", &token)]).send().await;
    res.assert_status(413);
    let res = client.post("/form").form(&[("_csrf", &token), ("_csrf", &token)]).send().await;
    res.assert_status(400);
    let multipart =
        format!("--x\r\ncontent-disposition: form-data; name=\"_csrf\"\r\n\r\n{token}\r\n--x--\r\n");
    let req = client.post("/").header("content-type", "multipart/form-data; boundary=x").body(multipart);
    req.send().await.assert_status(403);
}

#[tokio::test]
async fn a_form_is_found_that_a_layer_above_has_parsed() {
    let app = app![session(), body_parser::urlencoded(), CsrfTokens::new(), token, form];
    let client = Client::new(app);
    let token = token_for(&client).await;
    let res = client.post("/form").form(&[("name", "tobi"), ("_csrf", &token)]).send().await;
    res.assert_text("tobi");
}

#[tokio::test]
async fn with_header_only_no_body_is_read() {
    let app = app![session(), CsrfTokens::new().header_only(), token, form];
    let client = Client::new(app);
    let token = token_for(&client).await;
    let name = [("name", "tobi"), ("_csrf", &*token)];
    client.post("/form").form(&name).send().await.assert_status(403);
    client.post("/form").header("x-csrf-token", &token).form(&name).send().await.assert_text("tobi");
    let long = client.post("/form").form(&[("name", "x".repeat(200 * 1024))]);
    long.send().await.assert_status(403);
}

#[tokio::test]
async fn exempt_requests_pass() {
    let csrf = CsrfTokens::new().exempt(|req| req.path() == "/form");
    let client = Client::new(app![session(), csrf, form, change]);
    client.post("/form").form(&[("name", "tobi")]).send().await.assert_text("tobi");
    client.post("/").send().await.assert_status(403);
}

#[tokio::test]
async fn a_page_for_the_login_has_its_own_guard_above_authentication() {
    #[get("/login")]
    async fn page(csrf: &CsrfToken) -> Result<String> {
        csrf.token().await
    }
    let app = app![
        session(),
        guard![CsrfTokens::new() => page, login],
        require_login(),
        CsrfTokens::new(),
        token,
        change,
    ];
    let client = Client::new(app);
    client.post("/login/7").send().await.assert_status(403);
    client.post("/").send().await.assert_status(401);
    let token = client.get("/login").send().await.text().to_owned();
    client.post("/login/7").form(&[("_csrf", &token)]).send().await.assert_text("welcome");
    client.post("/").send().await.assert_status(403);
    let token = token_for(&client).await;
    client.post("/").form(&[("_csrf", &token)]).send().await.assert_text("changed");
    // Scripts only: above authentication.
    let _ = app![session(), CsrfTokens::new().header_only(), require_login(), change];
}

#[tokio::test]
async fn a_list_may_have_both_protections_if_it_says_so() {
    let client = Client::new(app![
        #![allow(one_csrf_protection)]
        session(),
        Csrf::new(),
        CsrfTokens::new(),
        token,
        change,
    ]);
    let token = token_for(&client).await;
    let ask = |site: &'static str, token: &str| {
        client.post("/").header("sec-fetch-site", site).header("x-csrf-token", token).send()
    };
    ask("same-origin", &token).await.assert_status(200);
    ask("cross-site", &token).await.assert_status(403);
    ask("same-origin", "").await.assert_status(403);
}

/// A store that fails on demand.
struct Failing {
    store: MemoryStore,
    fails: Arc<AtomicBool>,
}

impl Failing {
    fn check(&self) -> Result<(), StoreError> {
        if self.fails.load(Ordering::Relaxed) { Err("the store is down".into()) } else { Ok(()) }
    }
}

impl Store for Failing {
    async fn create(&self, key: &Key, session: NewSession<'_>) -> Result<(), StoreError> {
        self.check()?;
        self.store.create(key, session).await
    }

    async fn load(&self, key: &Key, now: Timestamp) -> Result<Option<StoredSession>, StoreError> {
        self.check()?;
        self.store.load(key, now).await
    }

    async fn swap(&self, key: &Key, change: PartChange<'_>, now: Timestamp) -> Result<Swapped, StoreError> {
        self.check()?;
        self.store.swap(key, change, now).await
    }

    async fn touch(&self, key: &Key, expires: Timestamp, now: Timestamp) -> Result<(), StoreError> {
        self.check()?;
        self.store.touch(key, expires, now).await
    }

    async fn rename(&self, old: &Key, new: &Key, session: NewSession<'_>) -> Result<bool, StoreError> {
        self.check()?;
        self.store.rename(old, new, session).await
    }

    async fn remove(&self, key: &Key) -> Result<(), StoreError> {
        self.check()?;
        self.store.remove(key).await
    }

    async fn remove_owned(&self, owner: &str, except: Option<&Key>) -> Result<(), StoreError> {
        self.check()?;
        self.store.remove_owned(owner, except).await
    }

    async fn sweep(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.check()?;
        self.store.sweep(now).await
    }
}

#[tokio::test]
async fn a_store_that_fails_is_not_a_wrong_token() {
    for then in [StoreFailure::Refuse, StoreFailure::ReadDefaults] {
        let fails = Arc::new(AtomicBool::new(false));
        let store = Failing { store: MemoryStore::new(), fails: Arc::clone(&fails) };
        let app = app![Session::new(store).on_store_failure(then), CsrfTokens::new(), index, token, change];
        let client = Client::new(app);
        let token = token_for(&client).await;
        fails.store(true, Ordering::Relaxed);
        assert_eq!(status_with(&client, &token).await, 503);
        client.get("/token").send().await.assert_status(503);
        client.get("/").send().await.assert_ok();
        fails.store(false, Ordering::Relaxed);
        assert_eq!(status_with(&client, &token).await, 200);
    }
}
