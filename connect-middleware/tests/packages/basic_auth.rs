//! As `tests/real/packages/basic-auth.cjs`.

use connect::testing::Client;
use connect::{Error, Response, Result, app, error_handler, get};
use connect_middleware::auth::{BasicAuth, secrets_match};

struct User(String);

#[get("/")]
fn index(user: &User) -> String {
    format!("hello {}", user.0)
}

/// A text of its own for the 401.
#[error_handler]
fn go_away(err: Error, res: &mut Response) -> Result {
    res.error(&err).text("go away")
}

/// The package answers without a body.
#[error_handler]
fn failed(err: Error, res: &mut Response) -> Result {
    res.error(&err).text("")
}

const USERS: [(&str, &str); 3] = [("admin", "supersecret"), ("jürgen", "größe"), ("colon", "a:b")];

async fn user(name: String, password: String) -> Result<Option<User>> {
    let known = USERS.iter().any(|(own, secret)| *own == name && secrets_match(&password, secret));
    Ok(known.then_some(User(name)))
}

async fn by_letter(name: String, password: String) -> Result<Option<User>> {
    Ok((name.starts_with('a') && password.starts_with('s')).then_some(User(name)))
}

pub async fn serve(configuration: &str) -> Option<Client> {
    Some(match configuration {
        "plain" | "challenge" | "async" => {
            Client::serve(app![BasicAuth::new(user), index, failed]).await.unwrap()
        }
        "realm" => {
            Client::serve(app![BasicAuth::new(user).realm("Imb4T3st4pp"), index, failed]).await.unwrap()
        }
        "authorizer" => Client::serve(app![BasicAuth::new(by_letter), index, failed]).await.unwrap(),
        "response" => Client::serve(app![BasicAuth::new(user), index, go_away]).await.unwrap(),
        _ => return None,
    })
}
