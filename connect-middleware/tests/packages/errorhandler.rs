//! As `tests/real/packages/errorhandler.cjs`.

use connect::testing::Client;
use connect::{Environment, Error, Response, Result, app, get};
use connect_middleware::error_page::ErrorPage;

/// What a page says of the messages.
pub fn said(body: &str) -> String {
    let shown = |message: &&str| {
        body.contains(*message) || body.contains(&message.replace('<', "&lt;").replace('>', "&gt;"))
    };
    let messages: Vec<&str> =
        ["the disk is full", "slow <down>", "a <b>"].into_iter().filter(shown).collect();
    let form = match body {
        json if json.starts_with('{') => "JSON",
        page if page.contains("<html") => "a page",
        _ => "text",
    };
    format!("({form}: {})", messages.join("; "))
}

#[get("/")]
fn index() -> Result<&'static str> {
    Err(Error::msg("the disk is full"))
}

#[get("/status")]
fn status() -> Result<&'static str> {
    Err(Error::new(429, "slow <down>"))
}

#[get("/success")]
fn success() -> Result<&'static str> {
    Err(Error::new(200, "the disk is full"))
}

#[get("/code")]
fn code(res: &mut Response) -> Result {
    res.status(503);
    Err(Error::msg("the disk is full"))
}

#[get("/header")]
fn header(res: &mut Response) -> Result {
    res.set("retry-after", 5);
    Err(Error::new(503, "slow <down>"))
}

#[get("/text")]
fn text() -> Result<&'static str> {
    Err(Error::msg("a <b>"))
}

#[get("/fine")]
fn fine() -> &'static str {
    "(text: )"
}

pub async fn serve(configuration: &str) -> Option<Client> {
    if configuration != "defaults" {
        return None;
    }
    let app = app![index, status, success, code, header, text, fine, ErrorPage::new().log(false)];
    Some(Client::serve(app.environment(Environment::Development)).await.unwrap())
}
