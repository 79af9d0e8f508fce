//! Express's example `params`: parameters of the path that are loaded and checked before the route runs.
//!
//! Where Express has `app.param`, the types of the parameters do it here.

use connect::{App, Chain, Error, FromParam, ParamError, Result, app, bail, error_handler, get};

static USERS: [&str; 5] = ["tj", "tobi", "loki", "jane", "bandit"];

/// A user, loaded by its position in the list.
struct User(&'static str);

impl FromParam<'_> for User {
    type Error = Error;
    fn from_param(id: &str) -> Result<Self, Error> {
        let user = id.parse().ok().and_then(|id: usize| USERS.get(id));
        user.map(|name| User(name)).ok_or_else(|| Error::new(404, "failed to find user"))
    }
}

#[get("/")]
fn index() -> &'static str {
    "Visit /user/0 or /users/0-2"
}

#[get("/user/:user")]
fn show(user: User) -> String {
    format!("user {}", user.0)
}

#[get("/users/:from-:to")]
fn range(from: usize, to: usize) -> String {
    let users: Vec<&str> = USERS.into_iter().take(to.saturating_add(1)).skip(from).collect();
    format!("users {}", users.join(", "))
}

/// The message for an invalid number.
#[error_handler]
fn bad_param(err: ParamError) -> Result {
    bail!(400, "failed to parseInt {}", err.value())
}

pub(crate) fn app() -> App<impl Chain> {
    app![index, show, range, bad_param]
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    app().listen(connect_examples::address()).await
}
