//! As `tests/real/packages/session.cjs`.

use std::time::Duration;

use connect::cookie::SameSite;
use connect::testing::Client;
use connect::{Error, Redirect, Result, TrustProxy, app, get};
use connect_middleware::session::{MemoryStore, Part, Principal, Session, Sessions};
use serde::{Deserialize, Serialize};

use super::failed;

#[derive(Serialize, Deserialize, Default)]
struct Count(u32);

impl Part for Count {
    const NAME: &'static str = "count";
}

#[get("/")]
fn index() -> &'static str {
    "hello"
}

#[get("/count")]
async fn count(sessions: &Sessions) -> Result<String> {
    Ok(sessions.change::<Count>(|count| count.0 += 1).await?.0.to_string())
}

#[get("/admin/count")]
async fn admin_count(sessions: &Sessions) -> Result<String> {
    Ok(sessions.change::<Count>(|count| count.0 += 1).await?.0.to_string())
}

#[get("/read")]
async fn read(sessions: &Sessions) -> Result<String> {
    Ok(sessions.get::<Count>().await?.0.to_string())
}

#[get("/redirect")]
async fn redirect(sessions: &Sessions) -> Result<Redirect> {
    sessions.change::<Count>(|count| count.0 = 7).await?;
    Ok(Redirect::to("/read"))
}

#[get("/login")]
async fn login(sessions: &Sessions) -> Result<&'static str> {
    sessions.login(Principal::new("tobi")).await?;
    Ok("welcome")
}

#[get("/who")]
async fn who(sessions: &Sessions) -> Result<String> {
    Ok(sessions.principal().await?.map_or("nobody".to_owned(), |principal| principal.id().to_owned()))
}

#[get("/logout")]
async fn logout(sessions: &Sessions) -> Result<&'static str> {
    sessions.logout().await?;
    Ok("goodbye")
}

#[get("/unset")]
async fn unset(sessions: &Sessions) -> Result<&'static str> {
    sessions.logout().await?;
    Ok("unset")
}

#[get("/fails")]
async fn fails(sessions: &Sessions) -> Result<&'static str> {
    sessions.change::<Count>(|count| count.0 = 5).await?;
    Err(Error::msg("broken"))
}

pub async fn serve(configuration: &str) -> Option<Client> {
    let session = Session::new(MemoryStore::new());
    let minute = Duration::from_secs(60);
    let mut trusted = false;
    let session = match configuration {
        "plain" | "unset" => session.persistent(false),
        "lax" => session.persistent(false).name("connect.sid"),
        "cookie" | "defaults" => session,
        "name" => session.persistent(false).name("sid"),
        "max-age" => session.absolute(minute),
        "secure" => session.persistent(false).name("connect.sid").secure(true),
        "secure-proxy" | "auto" => {
            trusted = true;
            session.persistent(false).name("connect.sid")
        }
        "strict" => session.persistent(false).name("connect.sid").same_site(SameSite::Strict),
        "none" => {
            trusted = true;
            session.persistent(false).name("connect.sid").same_site(SameSite::None)
        }
        "path" => session.persistent(false).name("connect.sid").path("/admin"),
        _ => return None,
    };
    let app =
        app![session, index, count, admin_count, read, redirect, login, who, logout, unset, fails, failed];
    let trust = if trusted { TrustProxy::hops(1) } else { TrustProxy::none() };
    Some(Client::serve(app.trust_proxy(trust)).await.unwrap())
}
