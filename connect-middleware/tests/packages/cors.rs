//! As `tests/real/packages/cors.cjs`.

use std::time::Duration;

use connect::testing::Client;
use connect::{Error, Response, Result, app, get, options, post, router};
use connect_middleware::cors::{Any, Cors, Listed};
use http::Method;
use http::header::{CONTENT_TYPE, HeaderName, LINK};

use super::failed;

#[get("/")]
fn index() -> &'static str {
    "hello"
}

#[post("/")]
fn posted() -> &'static str {
    "posted"
}

#[get("/inner")]
fn inner() -> &'static str {
    "inner"
}

#[get("/")]
fn inner_index() -> &'static str {
    "inner"
}

#[get("/only")]
fn only() -> &'static str {
    "only"
}

#[get("/varies")]
fn varies(res: &mut Response) -> Result {
    res.vary("Accept").text("varies")
}

#[get("/fails")]
fn fails() -> Result<&'static str> {
    Err(Error::new(429, "slow down"))
}

#[options("/")]
fn own_options() -> &'static str {
    "the route's own"
}

async fn any(cors: Cors<Any>) -> Client {
    Client::serve(app![cors, index, posted, inner, varies, fails, own_options, failed]).await.unwrap()
}

async fn listed(cors: Cors<Listed>) -> Client {
    Client::serve(app![cors, index, posted, inner, varies, fails, own_options, failed]).await.unwrap()
}

const OURS: &str = "https://app.example.com";
const TOKEN: HeaderName = HeaderName::from_static("x-token");
const TOTAL: HeaderName = HeaderName::from_static("x-total");

pub async fn serve(configuration: &str) -> Option<Client> {
    let one = || Cors::origins([OURS]);
    Some(match configuration {
        "defaults" => any(Cors::any()).await,
        "one" | "no-credentials" | "function" => listed(one()).await,
        "list" => listed(Cors::origins([OURS, "https://admin.example.com"])).await,
        "pattern" => listed(Cors::matching(|origin| origin.ends_with(".example.com"))).await,
        "mixed" => {
            let allows =
                |origin: &str| origin == "https://app.example.org" || origin.ends_with(".example.com");
            listed(Cors::matching(allows)).await
        }
        "reflect" => listed(Cors::matching(|_| true)).await,
        "off" => {
            let app = app![index, posted, inner, varies, fails, own_options, failed];
            Client::serve(app).await.unwrap()
        }
        "credentials" => listed(one().credentials()).await,
        "methods" => any(Cors::any().methods([Method::GET, Method::PUT])).await,
        "methods-text" => any(Cors::any().methods([Method::GET, Method::DELETE])).await,
        "allowed-headers" | "allowed-headers-text" => {
            any(Cors::any().allow_headers([TOKEN, CONTENT_TYPE])).await
        }
        "exposed-headers" | "exposed-headers-text" => any(Cors::any().expose_headers([TOTAL, LINK])).await,
        "max-age" => any(Cors::any().max_age(Duration::from_secs(600))).await,
        "max-age-0" => any(Cors::any().max_age(Duration::ZERO)).await,
        "delegate" => {
            let app = app!["/inner" => router![one().credentials(), inner_index], Cors::any(), index, failed];
            Client::serve(app).await.unwrap()
        }
        "route" | "route-options" => {
            let app = app!["/only" => [one()], only, index, failed];
            Client::serve(app).await.unwrap()
        }
        "all" => {
            let cors =
                one().credentials().methods([Method::POST]).allow_headers([TOKEN]).expose_headers([TOTAL]);
            listed(cors.max_age(Duration::from_secs(60))).await
        }
        _ => return None,
    })
}
