//! Sessions in PostgreSQL, as two servers of one application share them.
#![cfg(all(feature = "session-postgres", unix))]

#[path = "support/postgres.rs"]
mod server;

use connect::testing::Client;
use connect::{App, Chain, Result, app, get, guard, post};
use connect_middleware::session::{Part, PostgresStore, Principal, Session, Sessions, require_login};
use serde::{Deserialize, Serialize};
use server::Server;
use std::sync::Arc;

#[derive(Serialize, Deserialize, Default)]
struct Visits(u32);

impl Part for Visits {
    const NAME: &'static str = "visits";
}

#[post("/visit")]
async fn visit(sessions: &Sessions) -> Result<String> {
    Ok(sessions.change::<Visits>(|visits| visits.0 += 1).await?.0.to_string())
}

#[post("/login")]
async fn login(sessions: &Sessions) -> Result<&'static str> {
    sessions.login(Principal::new("ann").role("admin")).await?;
    Ok("welcome")
}

#[post("/logout-everywhere")]
async fn logout_everywhere(sessions: &Sessions) -> Result<&'static str> {
    sessions.logout_everywhere().await?;
    Ok("bye")
}

#[get("/me")]
fn me(principal: &Principal) -> String {
    format!("{} {}", principal.id(), principal.has_role("admin"))
}

fn routes(store: PostgresStore) -> App<impl Chain> {
    app![Session::new(store), visit, login, logout_everywhere, guard![require_login() => me]]
}

async fn client(server: &Server) -> Client {
    let store = PostgresStore::connect(server.url()).await.unwrap();
    Client::serve(routes(store)).await.unwrap()
}

/// The status and the text for a client with a certain cookie.
async fn me_with(client: &Client, token: &str) -> (u16, String) {
    client.clear_cookies();
    let res = client.get("/me").cookie("id", token).send().await;
    (res.status().as_u16(), res.text().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn two_servers_have_the_same_sessions() {
    let Some(server) = Server::start() else { return };
    let (one, other) = (client(&server).await, client(&server).await);
    one.post("/visit").send().await.assert_text("1");
    let anonymous = one.cookie("id").unwrap();
    other.post("/visit").cookie("id", &anonymous).send().await.assert_text("2");
    one.post("/visit").send().await.assert_text("3");
    one.post("/login").send().await.assert_text("welcome");
    let token = one.cookie("id").unwrap();
    assert_ne!(token, anonymous);
    one.post("/visit").send().await.assert_text("4");
    one.get("/me").send().await.assert_text("ann true");
    assert_eq!(me_with(&other, &token).await, (200, "ann true".to_owned()));
    assert_eq!(me_with(&other, &anonymous).await.0, 401, "the token from before the login");
    // A second browser, and the end of both.
    other.clear_cookies();
    other.post("/login").send().await.assert_text("welcome");
    other.post("/logout-everywhere").send().await.assert_text("bye");
    one.get("/me").send().await.assert_status(401);
    one.shutdown().await;
    other.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_at_the_same_time_lose_nothing() {
    let Some(server) = Server::start() else { return };
    let client = Arc::new(client(&server).await);
    client.post("/visit").send().await.assert_text("1");
    let token = client.cookie("id").unwrap();
    let mut requests = tokio::task::JoinSet::new();
    for _ in 0..12 {
        let (client, token) = (Arc::clone(&client), token.clone());
        requests.spawn(async move {
            let mut refused = 0;
            // A part in constant change is a 503, after 32 attempts.
            while client.post("/visit").cookie("id", &token).send().await.status() != 200 {
                refused += 1;
                assert!(refused < 20);
            }
        });
    }
    requests.join_all().await;
    client.post("/visit").send().await.assert_text("14");
    client.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_restarts_is_an_error_and_then_none() {
    let Some(mut server) = Server::start() else { return };
    let client = client(&server).await;
    client.post("/login").send().await.assert_text("welcome");
    server.stop();
    for target in ["/me", "/me"] {
        client.get(target).send().await.assert_status(503);
    }
    client.post("/visit").send().await.assert_status(503);
    assert!(server.run());
    client.get("/me").send().await.assert_text("ann true");
    client.post("/visit").send().await.assert_text("1");
    client.shutdown().await;
}
