//! As `tests/real/packages/rate-limit.cjs`.

use std::time::Duration;

use connect::testing::Client;
use connect::{Error, Request, Response, Result, TrustProxy, app, error_handler, get};
use connect_middleware::rate_limit::RateLimit;

#[get("/")]
fn index() -> &'static str {
    "hello"
}

#[get("/missing")]
fn missing(res: &mut Response) -> Result {
    res.status(404).text("missing")
}

/// The package's text.
#[error_handler]
fn failed(err: Error, res: &mut Response) -> Result {
    res.error(&err).text("Too many requests, please try again later.")
}

/// The text and the status of one's own.
#[error_handler]
fn slow_down(_err: Error, res: &mut Response) -> Result {
    res.status(503).text("slow down")
}

fn key(req: &Request) -> Option<String> {
    req.header("x-key").map(str::to_owned)
}

pub async fn serve(configuration: &str) -> Option<Client> {
    let limit = |requests| RateLimit::new(requests, Duration::from_secs(60));
    let (limit, trust) = match configuration {
        "limit" | "draft-8" => (limit(2), TrustProxy::none()),
        "identifier" => (limit(2).name("api"), TrustProxy::none()),
        "silent" => (limit(1), TrustProxy::none()),
        "proxy" => (limit(1), TrustProxy::hops(1)),
        "message" => {
            let app = app![limit(1), index, missing, slow_down];
            return Some(Client::serve(app).await.unwrap());
        }
        "key" => {
            let app = app![limit(1).by(key), index, missing, failed];
            return Some(Client::serve(app).await.unwrap());
        }
        "skip" => {
            let by = |req: &Request| key(req).is_none_or(|key| key != "friend").then(String::new);
            let app = app![limit(1).by(by), index, missing, failed];
            return Some(Client::serve(app).await.unwrap());
        }
        _ => return None,
    };
    Some(Client::serve(app![limit, index, missing, failed].trust_proxy(trust)).await.unwrap())
}
