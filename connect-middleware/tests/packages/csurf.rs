//! As `tests/real/packages/csurf.cjs`. The secret is in the session, whether the package has it in a cookie or there.

use std::time::Duration;

use connect::cookie::SameSite;
use connect::http::Method;
use connect::testing::Client;
use connect::{Result, all, app, get};
use connect_middleware::csrf::token::{CsrfToken, CsrfTokens};
use connect_middleware::session::{MemoryStore, Session};

use super::failed;

#[get("/")]
fn index() -> &'static str {
    "hello"
}

#[get("/form")]
async fn form(csrf: &CsrfToken) -> Result<String> {
    csrf.token().await
}

#[all("/act")]
fn act() -> &'static str {
    "done"
}

pub async fn serve(configuration: &str) -> Option<Client> {
    let session = Session::new(MemoryStore::new()).persistent(false);
    let mut tokens = CsrfTokens::new();
    let session = match configuration {
        "cookie" => session,
        "cookie-options" => session
            .name("guard")
            .secure(true)
            .same_site(SameSite::Strict)
            .persistent(true)
            .absolute(Duration::from_secs(60)),
        "session" => session.name("connect.sid"),
        "methods" => {
            tokens = tokens.exempt(|req| req.method() == Method::POST);
            session
        }
        _ => return None,
    };
    Some(Client::serve(app![session, tokens, index, form, act, failed]).await.unwrap())
}
