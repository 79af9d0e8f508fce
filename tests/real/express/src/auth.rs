//! Express's example `auth`: a login form, hashed passwords, and a page for those who are logged in.

use std::collections::HashMap;
use std::sync::Arc;

use connect::{
    App, Chain, CookieKeys, Form, Html, Next, Redirect, Request, Response, Result, Views, app, get, guard,
    middleware, post, provide,
};
use pbkdf2::pbkdf2_hmac;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::Sha256;

use crate::session::{Session, session};

/// What is kept of a password.
struct Password {
    salt: &'static str,
    hash: [u8; 32],
}

impl Password {
    fn new(text: &str, salt: &'static str) -> Self {
        let mut hash = [0; 32];
        pbkdf2_hmac::<Sha256>(text.as_bytes(), salt.as_bytes(), 12_000, &mut hash);
        Password { salt, hash }
    }

    fn is(&self, text: &str) -> bool {
        Password::new(text, self.salt).hash == self.hash
    }
}

/// The users and their passwords: a placeholder for a database.
struct Users(Arc<HashMap<&'static str, Password>>);

impl Users {
    fn new() -> Self {
        Users(Arc::new(HashMap::from([("tj", Password::new("foobar", "7c1e0d5b8a3f4926"))])))
    }

    async fn authenticate(&self, login: Login) -> Result<Option<User>> {
        let users = Arc::clone(&self.0);
        // The hash takes many milliseconds of CPU time.
        let user = tokio::task::spawn_blocking(move || {
            let password = users.get(&*login.username)?;
            password.is(&login.password).then_some(User { name: login.username })
        });
        Ok(user.await?)
    }
}

/// The user who is logged in.
#[derive(Serialize, Deserialize)]
struct User {
    name: String,
}

/// What the request before has left for the next page.
#[derive(Serialize)]
struct Messages {
    error: Option<String>,
    success: Option<String>,
}

#[middleware]
fn messages(session: &Session, next: Next<Messages>) -> Result {
    next.with(Messages { error: session.take("error"), success: session.take("success") }).pass()
}

/// Provides the user, or sends the client to the login form.
#[middleware]
fn restrict(session: &Session, res: &mut Response, next: Next<User>) -> Result {
    match session.get("user") {
        Some(user) => next.with(user).pass(),
        None => {
            session.set("error", "Access denied!")?;
            res.redirect("/login")
        }
    }
}

#[get("/")]
fn index() -> Redirect {
    Redirect::to("/login")
}

#[get("/restricted")]
fn restricted(user: &User, views: &Views) -> Result<Html<String>> {
    views.render("restricted.html", user)
}

#[get("/logout")]
fn logout(session: &Session) -> Redirect {
    session.clear();
    Redirect::to("/")
}

#[get("/login")]
fn login_form(messages: &Messages, views: &Views) -> Result<Html<String>> {
    views.render("login.html", json!({ "messages": messages }))
}

#[derive(Deserialize)]
struct Login {
    username: String,
    password: String,
}

#[post("/login")]
async fn login(
    Form(login): Form<Login>,
    users: &Users,
    session: &Session,
    req: &Request,
    res: &mut Response,
) -> Result {
    let Some(user) = users.authenticate(login).await? else {
        session.set(
            "error",
            r#"Authentication failed, please check your username and password. (use "tj" and "foobar")"#,
        )?;
        return res.redirect("/login");
    };
    session.clear();
    session.set("success", format!("Authenticated as {}", user.name))?;
    session.set("user", user)?;
    res.redirect(req.header("referrer").unwrap_or("/"))
}

pub(crate) fn app() -> App<impl Chain> {
    app![
        provide(crate::views("auth")),
        provide(Users::new()),
        session(CookieKeys::generate()),
        messages,
        index,
        guard![restrict => restricted],
        logout,
        login_form,
        login,
    ]
}
