//! What the site answers.

use connect::{Error, Response, Result, get, post};
use connect_middleware::remember_me::Browser;
use connect_middleware::session::{Principal, Sessions};

#[get("/")]
pub(crate) fn index() -> &'static str {
    "hello"
}

#[get("/who")]
pub(crate) async fn who(sessions: &Sessions) -> Result<String> {
    Ok(sessions.principal().await?.map_or("nobody".to_owned(), |principal| principal.id().to_owned()))
}

#[get("/me")]
pub(crate) fn me(principal: &Principal) -> String {
    principal.id().to_owned()
}

#[post("/login/:id")]
pub(crate) async fn login(sessions: &Sessions, browser: &Browser, id: String) -> Result<String> {
    sessions.login(Principal::new(id)).await?;
    browser.remember().await?;
    Ok(browser.is_remembered().to_string())
}

#[post("/login-once/:id")]
pub(crate) async fn login_once(sessions: &Sessions, id: String) -> Result<&'static str> {
    sessions.login(Principal::new(id)).await?;
    Ok("welcome")
}

#[post("/remember")]
pub(crate) async fn remember(browser: &Browser) -> Result<&'static str> {
    browser.remember().await?;
    Ok("remembered")
}

#[post("/logout")]
pub(crate) async fn logout(sessions: &Sessions) -> Result<&'static str> {
    sessions.logout().await?;
    Ok("bye")
}

#[post("/forget")]
pub(crate) async fn forget(browser: &Browser) -> Result<&'static str> {
    browser.forget().await?;
    Ok("forgotten")
}

#[post("/everywhere")]
pub(crate) async fn everywhere(sessions: &Sessions, browser: &Browser) -> Result<&'static str> {
    browser.forget_everywhere().await?;
    sessions.logout_everywhere().await?;
    Ok("bye")
}

#[post("/elsewhere")]
pub(crate) async fn elsewhere(sessions: &Sessions, browser: &Browser) -> Result<&'static str> {
    browser.forget_elsewhere().await?;
    sessions.logout_elsewhere().await?;
    Ok("still here")
}

#[post("/lock/:id")]
pub(crate) async fn lock(sessions: &Sessions, browser: &Browser, id: String) -> Result<&'static str> {
    browser.forget_principal(&id).await?;
    sessions.logout_principal(&id).await?;
    Ok("locked")
}

#[get("/fails")]
pub(crate) fn fails() -> Result<&'static str> {
    Err(Error::new(418, "on purpose"))
}

#[post("/stream")]
pub(crate) async fn stream(sessions: &Sessions, browser: &Browser, res: &mut Response) -> Result {
    sessions.login(Principal::new("ann")).await?;
    let browser = browser.clone();
    let late = async move {
        let err = browser.remember().await.err();
        Ok::<_, std::io::Error>(err.map_or("remembered".to_owned(), |err| err.to_string()))
    };
    res.stream(futures_util::stream::once(late))
}
