//! Express's example `web-service`: an API that wants a key, with all errors as JSON.

use connect::{
    App, Chain, Error, Json, Next, Request, Response, Result, app, bail, error_handler, get, middleware,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

const API_KEYS: [&str; 3] = ["foo", "bar", "baz"];

#[derive(Clone, Serialize)]
struct Repo {
    name: &'static str,
    url: &'static str,
}

const REPOS: [Repo; 3] = [
    Repo { name: "express", url: "https://github.com/expressjs/express" },
    Repo { name: "stylus", url: "https://github.com/learnboost/stylus" },
    Repo { name: "cluster", url: "https://github.com/learnboost/cluster" },
];

#[derive(Deserialize)]
struct ApiKey {
    #[serde(rename = "api-key")]
    key: Option<String>,
}

#[middleware]
fn require_key(req: &mut Request, next: Next) -> Result {
    match req.query::<ApiKey>()?.key.filter(|key| !key.is_empty()) {
        None => bail!(400, "api key required"),
        Some(key) if API_KEYS.contains(&&*key) => next.pass(),
        Some(_) => bail!(401, "invalid api key"),
    }
}

#[get("/users")]
fn users() -> Json<Value> {
    Json(json!([{ "name": "tobi" }, { "name": "loki" }, { "name": "jane" }]))
}

#[get("/repos")]
fn repos() -> Json<[Repo; 3]> {
    Json(REPOS)
}

#[get("/user/:name/repos")]
fn user_repos(name: &str, res: &mut Response, next: Next) -> Result {
    let [express, stylus, cluster] = REPOS;
    match name {
        "tobi" => res.json([express, stylus]),
        "loki" => res.json([stylus]),
        "jane" => res.json([cluster]),
        _ => next.pass(),
    }
}

#[error_handler]
fn on_error(err: Error, res: &mut Response) -> Result {
    res.status(err.status()).json(json!({ "error": err.public_message() }))
}

#[middleware]
fn not_found(res: &mut Response) -> Result {
    res.status(404).json(json!({ "error": "Sorry, can't find that" }))
}

pub(crate) fn app() -> App<impl Chain> {
    app!["/api" => [require_key, users, repos, user_repos], on_error, not_found]
}
