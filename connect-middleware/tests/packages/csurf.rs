//! As `tests/real/packages/csurf.cjs`, as far as it is about no token.

use connect::testing::Client;
use connect::{all, app, get};
use connect_middleware::csrf::Csrf;

use super::failed;

#[get("/")]
fn index() -> &'static str {
    "hello"
}

#[get("/form")]
fn form() -> &'static str {
    "no token"
}

#[all("/act")]
fn act() -> &'static str {
    "done"
}

pub async fn serve(configuration: &str) -> Option<Client> {
    match configuration {
        "cookie" | "session" => {
            Some(Client::serve(app![Csrf::new(), index, form, act, failed]).await.unwrap())
        }
        _ => None,
    }
}
