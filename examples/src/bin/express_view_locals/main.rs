//! Express's example `view-locals`: three ways to get the data of a page into its template.

mod user;

use connect::{Html, MiniJinja, Next, Result, Views, app, get, middleware, provide};
use serde::Serialize;
use serde_json::json;

use user::User;

fn ferrets(users: Vec<User>) -> Vec<User> {
    users.into_iter().filter(|user| user.species == "ferret").collect()
}

/// The route loads all of the data itself.
#[get("/")]
async fn index(views: &Views) -> Result<Html<String>> {
    let (count, users) = (User::count().await?, User::all().await?);
    views.render("index.html", json!({ "title": "Users", "count": count, "users": ferrets(users) }))
}

struct Count(usize);

#[middleware]
async fn count(next: Next<Count>) -> Result {
    next.with(Count(User::count().await?)).pass()
}

struct Users(Vec<User>);

#[middleware]
async fn users(next: Next<Users>) -> Result {
    next.with(Users(User::all().await?)).pass()
}

/// Middleware loads the data, and the route selects what the template shows.
#[get("/middleware", count, users, needs = Views)]
fn middleware_values(views: &Views, count: &Count, users: &Users) -> Result<Html<String>> {
    let ferrets = ferrets(users.0.clone());
    views.render("index.html", json!({ "title": "Users", "count": count.0, "users": ferrets }))
}

/// The data of the template.
#[derive(Serialize)]
struct Locals {
    title: String,
    count: usize,
    users: Vec<User>,
}

#[middleware]
async fn locals(#[config] title: &str, next: Next<Locals>) -> Result {
    let (count, users) = (User::count().await?, User::all().await?);
    next.with(Locals { title: title.to_owned(), count, users: ferrets(users) }).pass()
}

/// Middleware prepares the data of the template, and the route passes it on.
#[get("/middleware-locals", locals("Users"), needs = Views)]
fn middleware_locals(views: &Views, locals: &Locals) -> Result<Html<String>> {
    views.render("index.html", locals)
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let templates = MiniJinja::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src/bin/express_view_locals/views"));
    let app = app![provide(Views::new(templates)), index, middleware_values, middleware_locals];
    app.listen(connect_examples::address()).await
}
