//! As `tests/real/packages/response-time.cjs`.

use connect::testing::Client;
use connect::{Error, Response, Result, app, get};
use connect_middleware::response_time::ResponseTime;
use futures_util::stream;
use http::header::HeaderName;

use super::failed;

#[get("/")]
fn index() -> &'static str {
    "hello"
}

#[get("/set")]
fn set(res: &mut Response) -> Result {
    res.set("x-response-time", "mine").text("hello")
}

#[get("/nothing")]
fn nothing(res: &mut Response) -> Result {
    res.status(204).end("")
}

#[get("/fails")]
fn fails() -> Result<&'static str> {
    Err(Error::new(429, "slow down"))
}

#[get("/stream")]
fn streamed(res: &mut Response) -> Result {
    res.content_type("text").stream(stream::iter(["hel", "lo"].map(Ok::<_, std::io::Error>)))
}

pub async fn serve(configuration: &str) -> Option<Client> {
    if configuration == "twice" {
        let app = app![ResponseTime::new(), ResponseTime::new(), index];
        return Some(Client::serve(app).await.unwrap());
    }
    let layer = match configuration {
        "defaults" => ResponseTime::new(),
        "digits" => ResponseTime::new().digits(0),
        "digits-5" => ResponseTime::new().digits(5),
        "header" => ResponseTime::new().header(HeaderName::from_static("x-took")),
        "suffix" => ResponseTime::new().suffix(false),
        _ => return None,
    };
    Some(Client::serve(app![layer, index, set, nothing, fails, streamed, failed]).await.unwrap())
}
