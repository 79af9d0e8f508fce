//! Login, logout and the guards.

use std::sync::Arc;

use connect::testing::Client;
use connect::{Result, app, get, guard, post, router};
use connect_middleware::session::{MemoryStore, Principal, Session, Sessions, require_login, require_role};

use crate::probe::{Probe, browser, page, page_with, post, probe, token};

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
async fn who_opens_a_page_without_a_login_is_sent_to_it_and_programs_get_a_401() {
    #[get("/account")]
    fn account(principal: &Principal) -> String {
        principal.id().to_owned()
    }
    #[get("/stats")]
    fn stats(principal: &Principal) -> String {
        principal.id().to_owned()
    }
    let guarded = app![
        Session::new(MemoryStore::new()),
        "/shop" => router![
            require_login().sign_in_at("/sign-in"),
            account,
        ],
        guard![require_login().sign_in_at("/sign-in?lang=en") => "/en" => stats],
    ];
    let client = Client::new(guarded);
    const BROWSER: &str = "text/html,application/xhtml+xml,*/*;q=0.8";
    for (target, redirect) in [
        ("/shop/account", "/sign-in?then=/shop/account"),
        ("/shop/account?a=1&b=%20x+y", "/sign-in?then=/shop/account?a=1%26b=%2520x%2By"),
        ("/en/stats", "/sign-in?lang=en&then=/en/stats"),
    ] {
        let sent = client.get(target).header("accept", BROWSER).send().await;
        sent.assert_status(303).assert_redirect(redirect).assert_header("vary", "Accept, Cookie");
        sent.assert_header("cache-control", "no-store");
    }
    // A form would be lost: there is nothing to come back to.
    let sent = client.post("/shop/account").header("accept", BROWSER).send().await;
    sent.assert_status(303).assert_redirect("/sign-in");
    for accept in ["*/*", "application/json", ""] {
        client.get("/shop/account").header("accept", accept).send().await.assert_status(401);
    }
}

#[test]
#[should_panic(expected = "`//evil.example` is no path of this site")]
fn a_page_for_the_login_is_on_this_site() {
    let _ = require_login().sign_in_at("//evil.example");
}
