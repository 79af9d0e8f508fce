//! As `tests/real/packages/cookie-session.cjs`.

use std::time::Duration;

use connect::cookie::SameSite;
use connect::testing::Client;
use connect::{CookieKeys, Error, Result, TrustProxy, app, get};
use connect_middleware::cookie_session::{CookieSession, CookieValue};
use serde::{Deserialize, Serialize};

use super::failed;

#[derive(Serialize, Deserialize, Default)]
struct Data {
    count: u32,
    text: String,
}

#[get("/")]
fn index() -> &'static str {
    "hello"
}

#[get("/count")]
fn count(data: &CookieValue<Data>) -> Result<String> {
    Ok(data.change(|data| data.count += 1)?.count.to_string())
}

#[get("/admin/count")]
fn admin_count(data: &CookieValue<Data>) -> Result<String> {
    Ok(data.change(|data| data.count += 1)?.count.to_string())
}

#[get("/read")]
fn read(data: &CookieValue<Data>) -> String {
    data.get().count.to_string()
}

#[get("/unset")]
fn unset(data: &CookieValue<Data>) -> Result<&'static str> {
    data.clear()?;
    Ok("unset")
}

#[get("/large")]
fn large(data: &CookieValue<Data>) -> Result<&'static str> {
    data.change(|data| data.text = "x".repeat(5000))?;
    Ok("large")
}

#[get("/fails")]
fn fails(data: &CookieValue<Data>) -> Result<&'static str> {
    data.change(|data| data.count = 5)?;
    Err(Error::msg("broken"))
}

const SECRET: &str = "the secret of the tests, 32 bytes or more";

pub async fn serve(configuration: &str) -> Option<Client> {
    let keys = match configuration {
        "rotated" => {
            CookieKeys::new("a newer secret of the tests, 32 bytes too").unwrap().with_former(SECRET).unwrap()
        }
        _ => CookieKeys::new(SECRET).unwrap(),
    };
    let session = CookieSession::<Data>::new(keys).persistent(false);
    let mut trusted = false;
    let session = match configuration {
        "plain" | "lax" | "rotated" => session,
        "secret" => session.persistent(true),
        "name" => session.name("data"),
        "max-age" => session.persistent(true).max_age(Duration::from_secs(60)),
        "strict" => session.same_site(SameSite::Strict),
        "path" => session.path("/admin"),
        "secure" => session.name("session").secure(true),
        "proxy" => {
            trusted = true;
            session.name("session")
        }
        _ => return None,
    };
    let app = app![session, index, count, admin_count, read, unset, large, fails, failed];
    let trust = if trusted { TrustProxy::hops(1) } else { TrustProxy::none() };
    Some(Client::serve(app.trust_proxy(trust)).await.unwrap())
}
