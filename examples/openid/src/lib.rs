//! Sign-in with an OpenID Connect provider, such as Google, Microsoft or Keycloak: the authorization code flow with PKCE, `state` and
//! `nonce`, and a session afterwards.
//!
//! ```sh
//! ISSUER=https://accounts.google.com CLIENT_ID=.. CLIENT_SECRET=.. cargo run -p openid
//! ```
//!
//! At the provider, register `http://127.0.0.1:3000/callback` as the address to redirect to.
//!
//! 1. `/login` makes three random values, keeps them in the session, and sends the browser to the provider.
//! 2. The user signs in there, and the provider sends the browser back to `/callback` with a code and the `state`.
//! 3. `/callback` takes the values out of the session and compares the `state`: the login was begun by this browser. It exchanges the
//!    code for an ID token, with the PKCE verifier: the code is of no use to others. It verifies the signature, the issuer, the
//!    audience, the expiry and the `nonce` of the token: it is for this login.
//! 4. `sessions.login(..)` gives the session a new token, and the provider is not asked any more.

#![allow(clippy::doc_markdown, reason = "OpenID is a name")]

mod provider;

use connect::{
    App, Chain, Error, Html, Query, Redirect, Request, Response, Result, app, error_handler, get, post,
    provide,
};
use connect_middleware::csrf::Csrf;
use connect_middleware::session::{Part, Principal, Session, Sessions, require_login};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;

use crate::provider::Provider;

/// The settings.
#[derive(Debug)]
pub struct Config {
    /// The address of the provider, exactly as it says itself.
    pub issuer: String,
    /// What the provider knows this program by.
    pub client_id: String,
    /// The password of this program at the provider, if it gave it one.
    pub client_secret: Option<String>,
    /// The address of this program, for browsers: without a slash at its end.
    pub url: String,
}

/// A login that the browser has begun and not finished: a second one takes its place.
#[derive(Clone, Serialize, Deserialize, Default)]
struct Pending {
    state: String,
    nonce: String,
    verifier: String,
}

impl Part for Pending {
    const NAME: &'static str = "pending";
}

/// What the provider said about the user.
#[derive(Serialize, Deserialize, Default)]
struct Profile {
    name: Option<String>,
}

impl Part for Profile {
    const NAME: &'static str = "profile";
}

/// The application.
///
/// # Errors
/// If an address in the settings is none.
pub fn openid(session: Session, config: Config) -> Result<App<impl Chain>> {
    Ok(app![
        #![deny(unguarded = Principal)]
        // The browser comes back from a page of another site: `SameSite=Lax`, the default, sends the cookie then, and `Strict` does not.
        session,
        // A logout changes something.
        Csrf::new(),
        provide(Provider::new(config)?),
        index,
        login,
        callback,
        require_login(),
        account,
        logout,
        failure,
    ])
}

#[get("/", public)]
async fn index(sessions: &Sessions) -> Result<Html<&'static str>> {
    Ok(Html(match sessions.principal().await? {
        Some(_) => "<a href=/account>Your account</a>",
        None => "<a href=/login>Sign in</a>",
    }))
}

#[get("/login", public)]
async fn login(provider: &Provider, sessions: &Sessions) -> Result<Redirect> {
    let (url, pending) = provider.begin().await?;
    sessions.change(|kept: &mut Pending| kept.clone_from(&pending)).await?;
    Ok(Redirect::to(url))
}

/// The query with which the provider sends the browser back (RFC 6749, section 4.1.2).
#[derive(Deserialize)]
struct Answer {
    state: String,
    code: Option<String>,
    error: Option<String>,
}

#[get("/callback", public)]
async fn callback(
    provider: &Provider,
    sessions: &Sessions,
    Query(answer): Query<Answer>,
) -> Result<Redirect> {
    // Whatever comes of it, these values are used once.
    let pending = sessions.try_change(|kept: &mut Pending| Ok::<_, Error>(std::mem::take(kept))).await?;
    let is_ours = pending.state.as_bytes().ct_eq(answer.state.as_bytes());
    if pending.state.is_empty() || !bool::from(is_ours) {
        return Err(Error::new(400, "this login was not begun in this browser, or is over: sign in again"));
    }
    let Some(code) = answer.code else {
        let why = answer.error.unwrap_or_default();
        return Err(Error::new(403, format!("the provider did not sign you in: {why}")));
    };
    let claims = provider.finish(code, pending).await?;
    // The subject stays the same for an account, which a name or an address of mail does not.
    sessions.login(Principal::new(claims.subject().as_str())).await?;
    let name = claims.name().and_then(|names| names.get(None)).map(|name| name.to_string());
    sessions.change(|profile: &mut Profile| profile.name.clone_from(&name)).await?;
    Ok(Redirect::see_other("/account"))
}

#[get("/account")]
async fn account(principal: &Principal, sessions: &Sessions) -> Result<String> {
    let profile: Profile = sessions.get().await?;
    Ok(format!("{}, account {}", profile.name.as_deref().unwrap_or("somebody"), principal.id()))
}

/// Ends the session here. The provider still knows the user: see its `end_session_endpoint` for a logout there.
#[post("/logout")]
async fn logout(sessions: &Sessions) -> Result<Redirect> {
    sessions.logout().await?;
    Ok(Redirect::see_other("/"))
}

/// Sends browsers to the login where a page needs it. Other errors are a page, and those of the provider are for the log.
#[error_handler]
fn failure(err: Error, req: &mut Request, res: &mut Response) -> Result {
    if err.status() == 401 {
        return res.redirect("/login");
    }
    if err.status().is_server_error() {
        eprintln!("{} {}: {err:?}", req.method(), req.path());
    }
    let text = err.public_message();
    res.error(&err).text(format!("{text}\n\nSign in again: /login"))
}
