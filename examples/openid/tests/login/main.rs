//! The program over sockets, with a provider and a browser.

#![allow(clippy::doc_markdown, reason = "OpenID is a name")]

mod provider;

use std::net::TcpListener;
use std::sync::Arc;

use connect::testing::{Client, TestResponse};
use connect_middleware::session::{MemoryStore, Session};
use openid::{Config, openid};
use serde_json::json;

use crate::provider::{Fake, Faults};

const URL: &str = "https://app.example.com";

/// The program, in a browser of its own.
async fn program(issuer: &str) -> Client {
    let config = Config {
        issuer: issuer.to_owned(),
        client_id: "the-program".to_owned(),
        client_secret: Some("its password".to_owned()),
        url: URL.to_owned(),
    };
    Client::serve(openid(Session::new(MemoryStore::new()), config).unwrap()).await.unwrap()
}

struct World {
    fake: Arc<Fake>,
    provider: Client,
    program: Client,
}

impl World {
    async fn new() -> Self {
        let (fake, provider) = Fake::start().await;
        let program = program(fake.issuer()).await;
        World { fake, provider, program }
    }

    /// Goes to the login and to the provider, and returns the address that the provider sends the browser back to.
    async fn come_back(&self) -> String {
        let login = self.program.get("/login").send().await;
        let there = location(&login).strip_prefix(self.fake.issuer()).expect("the provider").to_owned();
        let back = self.provider.get(&there).send().await;
        location(&back).strip_prefix(URL).expect("the program").to_owned()
    }

    async fn get(&self, path: &str) -> TestResponse {
        self.program.get(path).send().await
    }

    async fn assert_signed_out(&self) {
        self.get("/account").await.assert_redirect("/login");
        self.get("/").await.assert_contains("/login");
    }
}

fn location(res: &TestResponse) -> &str {
    res.header("location").unwrap_or_else(|| panic!("{res:?}"))
}

/// The value of a pair in the query of an address.
fn pair<'a>(address: &'a str, name: &str) -> &'a str {
    let (_, query) = address.split_once('?').unwrap();
    query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=')).unwrap()
}

#[tokio::test]
async fn a_user_signs_in_at_the_provider_and_out_here() {
    let world = World::new().await;
    world.assert_signed_out().await;
    let back = world.come_back().await;
    let before = world.program.cookie("id").expect("a session that keeps the state");
    world.get(&back).await.assert_status(303).assert_redirect("/account");
    assert_ne!(world.program.cookie("id").unwrap(), before, "a session that was known before is of nobody");
    world.get("/account").await.assert_text("Tobi, account 7");
    world.get("/").await.assert_contains("/account");
    // A page of another site cannot sign a user out.
    let logout = || world.program.post("/logout");
    logout().header("sec-fetch-site", "cross-site").send().await.assert_status(403);
    logout().send().await.assert_status(303).assert_redirect("/");
    world.assert_signed_out().await;
    // And in again; the provider is known.
    let back = world.come_back().await;
    world.get(&back).await.assert_redirect("/account");
    world.get("/account").await.assert_text("Tobi, account 7");
    assert_eq!((world.fake.asked("/keys"), world.fake.asked("/token")), (1, 2));
}

#[tokio::test]
async fn a_state_that_is_not_of_this_browser_is_refused() {
    let world = World::new().await;
    let why = "this login was not begun in this browser, or is over";
    let back = world.come_back().await;
    let state = pair(&back, "state");
    for wrong in ["x", "", &state[1..]] {
        world.come_back().await;
        let other = back.replace(state, wrong);
        world.get(&other).await.assert_status(400).assert_contains(why);
    }
    // The right one of before: each is used once, whatever came of it.
    world.get(&back).await.assert_status(400).assert_contains(why);
    // In a browser that has begun no login, as when an attacker sends a link with a code of their own.
    let back = world.come_back().await;
    world.program.clear_cookies();
    world.get(&back).await.assert_status(400).assert_contains(why).assert_no_header("set-cookie");
    world.get("/callback?code=1&state=").await.assert_status(400).assert_contains(why);
    world.get("/callback?code=1").await.assert_status(400);
    assert_eq!(world.fake.asked("/token"), 0, "the provider is not asked");
    world.assert_signed_out().await;
}

#[tokio::test]
async fn a_login_is_finished_once() {
    let world = World::new().await;
    let back = world.come_back().await;
    world.get(&back).await.assert_redirect("/account");
    world.get(&back).await.assert_status(400).assert_contains("or is over: sign in again");
    // An old code with a new state.
    let again = world.come_back().await;
    let replayed = again.replace(pair(&again, "code"), pair(&back, "code"));
    world.program.get(&replayed).send().await.assert_status(400).assert_contains("refused the code");
}

#[tokio::test]
async fn a_code_that_was_stolen_is_of_no_use_in_another_browser() {
    let world = World::new().await;
    let stolen = world.come_back().await;
    let thief = program(world.fake.issuer()).await;
    let world = World { program: thief, ..world };
    let own = world.come_back().await;
    // The state is that of the thief's browser, and so is the PKCE verifier.
    let mixed = own.replace(pair(&own, "code"), pair(&stolen, "code"));
    world.get(&mixed).await.assert_status(400).assert_contains("refused the code");
    world.assert_signed_out().await;
}

#[tokio::test]
async fn an_id_token_that_is_not_for_this_login_is_refused() {
    let world = World::new().await;
    let claim = |name, value| Faults { claims: vec![(name, value)], ..Faults::default() };
    for faults in [
        claim("nonce", json!("of another login")),
        claim("nonce", json!(null)),
        claim("aud", json!("another-program")),
        claim("iss", json!("https://evil.example")),
        claim("exp", json!(1)),
        Faults { signs_another_access_token: true, ..Faults::default() },
        Faults { signs_with_another_key: true, ..Faults::default() },
    ] {
        world.fake.set(faults.clone());
        let back = world.come_back().await;
        let res = world.get(&back).await;
        assert_eq!(res.status(), 403, "{faults:?}");
        let is_said = ["the ID token is not valid for this login", "the access token is not of this login"];
        assert!(is_said.iter().any(|said| res.text().contains(said)), "{faults:?}: {}", res.text());
        world.assert_signed_out().await;
    }
    world.fake.set(Faults::default());
    let back = world.come_back().await;
    world.get(&back).await.assert_redirect("/account");
}

#[tokio::test]
async fn a_user_who_refuses_is_not_signed_in() {
    let world = World::new().await;
    world.fake.set(Faults { user_refuses: true, ..Faults::default() });
    let back = world.come_back().await;
    world.get(&back).await.assert_status(403).assert_contains("did not sign you in: access_denied");
    world.assert_signed_out().await;
}

#[tokio::test]
async fn a_provider_that_is_down_is_a_bad_gateway() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let issuer = format!("http://{}", free.local_addr().unwrap());
    drop(free);
    let program = program(&issuer).await;
    let res = program.get("/login").send().await;
    res.assert_status(502).assert_contains("Bad Gateway").assert_no_header("location");
    // The program itself is up.
    program.get("/").send().await.assert_ok();

    let world = World::new().await;
    for path in ["/.well-known/openid-configuration", "/keys"] {
        for status in [500, 404] {
            world.fake.set(Faults { status: Some((path, status)), ..Faults::default() });
            world.get("/login").await.assert_status(502);
        }
    }
    // What failed is asked for again.
    world.fake.set(Faults::default());
    let back = world.come_back().await;
    world.fake.set(Faults { status: Some(("/token", 503)), ..Faults::default() });
    world.get(&back).await.assert_status(502).assert_contains("Bad Gateway");
    world.assert_signed_out().await;
}
