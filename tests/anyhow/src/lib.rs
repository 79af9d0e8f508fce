//! Handlers that use `anyhow`, and what stays as it is beside it.
#![cfg(test)]

use std::fmt;

use anyhow::Context as _;
use connect::testing::Client;
use connect::{Error, Next, ParamError, Response, Result, app, bail, error_handler, get, middleware};

#[derive(Debug)]
struct NoUser(u32);

impl fmt::Display for NoUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no user {}", self.0)
    }
}

impl std::error::Error for NoUser {}

fn load(id: u32) -> anyhow::Result<String> {
    if id == 0 {
        return Err(NoUser(id).into());
    }
    let text = std::str::from_utf8(if id == 1 { &[0xff] } else { b"ann" }).context("the name is damaged")?;
    Ok(text.to_owned())
}

#[get("/user/:id")]
fn user(id: u32) -> anyhow::Result<String> {
    load(id)
}

#[get("/mixed/:id")]
async fn mixed(id: u32, res: &mut Response) -> Result {
    tokio::task::yield_now().await;
    let user = load(id)?;
    if user.is_empty() {
        bail!(404, "nobody");
    }
    std::str::from_utf8(b"fine")?;
    res.send(user)
}

#[middleware]
fn check(next: Next) -> Result {
    load(2)?;
    next.pass()
}

#[error_handler]
fn no_user(err: NoUser, res: &mut Response) -> Result {
    res.status(404).send(err.to_string())
}

#[error_handler]
fn bad_param(err: ParamError, res: &mut Response) -> Result {
    res.status(400).send(err.value().to_owned())
}

#[error_handler]
fn all(err: Error, res: &mut Response) -> Result {
    res.status(err.status()).send(format!("{err:?}"))
}

#[tokio::test]
async fn handlers_return_anyhow_results_and_typed_handlers_get_the_root_cause() {
    let client = Client::new(app![check, user, mixed, no_user, bad_param, all]);
    for path in ["user", "mixed"] {
        client.get(&format!("/{path}/7")).send().await.assert_status(200).assert_text("ann");
        client.get(&format!("/{path}/0")).send().await.assert_status(404).assert_text("no user 0");
        let damaged = client.get(&format!("/{path}/1")).send().await;
        let text = damaged.assert_status(500).text();
        assert!(text.starts_with("the name is damaged\n  caused by: invalid utf-8"), "{text}");
        client.get(&format!("/{path}/x")).send().await.assert_status(400).assert_text("x");
    }
}
