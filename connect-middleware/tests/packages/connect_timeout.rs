//! As `tests/real/packages/connect-timeout.cjs`.

use std::time::Duration;

use connect::testing::Client;
use connect::{Error, Response, Result, app, get, post};
use connect_middleware::timeout::Timeout;
use futures_util::{StreamExt as _, stream};

use super::failed;

#[get("/")]
fn index() -> &'static str {
    "hello"
}

#[get("/slow")]
async fn slow() -> &'static str {
    tokio::time::sleep(Duration::from_millis(1200)).await;
    "slow"
}

#[post("/slow")]
async fn slow_post() -> &'static str {
    tokio::time::sleep(Duration::from_millis(1200)).await;
    "slow"
}

#[get("/stream")]
fn streamed(res: &mut Response) -> Result {
    let parts = stream::iter(["be", "gun"]).then(async |part| {
        if part == "gun" {
            tokio::time::sleep(Duration::from_millis(900)).await;
        }
        Ok::<_, std::io::Error>(part)
    });
    res.content_type("text").stream(parts)
}

#[get("/fails")]
fn fails() -> Result<&'static str> {
    Err(Error::new(429, "slow down"))
}

pub async fn serve(configuration: &str) -> Option<Client> {
    let limit = Timeout::new(Duration::from_millis(300));
    let layer = match configuration {
        "defaults" | "number" => limit,
        "clear" => limit.exempt(|req| req.path() == "/slow"),
        _ => return None,
    };
    Some(Client::serve(app![layer, index, slow, slow_post, streamed, fails, failed]).await.unwrap())
}
