//! A shop with a cart, a login and messages, all of it in the session.
//!
//! The sessions are in memory; with `SqliteStore` or `RedisStore` in its place they outlive the process.

use connect::{
    Error, Form, Html, Next, Redirect, Request, Response, Result, app, error_handler, get, post, router,
};
use connect_middleware::session::{
    MemoryStore, Part, Principal, Session, Sessions, require_login, require_role,
};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Default)]
struct Cart {
    items: Vec<String>,
}

impl Part for Cart {
    const NAME: &'static str = "cart";
}

#[get("/", public)]
async fn index(sessions: &Sessions) -> Result<Html<String>> {
    let name =
        sessions.principal().await?.map_or("stranger".to_owned(), |principal| principal.id().to_owned());
    let cart = sessions.get::<Cart>().await?;
    let messages = sessions.take_flash().await?;
    let mut page = format!("<p>Hello, {name}. Your cart has {} items.", cart.items.len());
    for message in messages {
        page += &format!("<p class={}>{}", message.kind, message.text);
    }
    Ok(Html(page))
}

#[post("/cart/:item", public)]
async fn add(sessions: &Sessions, item: String) -> Result<Redirect> {
    let cart = sessions.change::<Cart>(|cart| cart.items.push(item.clone())).await?;
    sessions.flash("info", format!("That makes {}.", cart.items.len())).await?;
    Ok(Redirect::see_other("/"))
}

#[derive(Deserialize)]
struct Credentials {
    name: String,
    password: String,
}

#[post("/login", public)]
async fn login(sessions: &Sessions, Form(form): Form<Credentials>) -> Result<Redirect> {
    // A hash of it is in your database: see the crate `argon2`.
    let principal = match (&*form.name, &*form.password) {
        ("ann", "correct horse") => Principal::new("ann").role("admin"),
        ("bob", "battery staple") => Principal::new("bob"),
        _ => return Err(Error::new(401, "the name or the password is wrong")),
    };
    sessions.login(principal).await?;
    Ok(Redirect::see_other("/account"))
}

#[post("/logout", public)]
async fn logout(sessions: &Sessions) -> Result<Redirect> {
    sessions.logout().await?;
    Ok(Redirect::see_other("/"))
}

#[get("/account")]
fn account(principal: &Principal) -> String {
    format!("the account of {}", principal.id())
}

#[get("/stats")]
fn stats() -> &'static str {
    "42 sold"
}

#[error_handler]
fn on_error(err: Error, _req: &mut Request, res: &mut Response, _next: Next) -> Result {
    res.error(&err).text(err.public_message())
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let app = app![
        #![deny(unguarded = Principal)]
        Session::new(MemoryStore::new()),
        index,
        add,
        login,
        logout,
        require_login(),
        account,
        "/admin" => router![require_role("admin"), stats],
        on_error,
    ];
    app.listen(connect_examples::address()).await
}
