//! Express's example `resource`: the routes of a resource in one router, mounted at a path.

use std::sync::Mutex;

use connect::{
    App, Chain, Html, Json, Responder, Response, Result, Stack, app, delete, get, provide, router,
};
use serde::Serialize;
use serde_json::{Value, json};

#[derive(Clone, Serialize)]
struct User {
    name: &'static str,
}

/// The records; `None` stands for a deleted one.
type Users = Mutex<Vec<Option<User>>>;

#[get("/")]
fn index(users: &Users, res: &mut Response) -> Result {
    res.json(users)
}

#[get("/:a..:b{.:format}")]
fn range(a: usize, b: usize, format: Option<&str>, users: &Users) -> Response {
    let all = users.lock().unwrap();
    let range: Vec<_> = all.iter().take(b.saturating_add(1)).skip(a).collect();
    match format {
        Some("json") => Json(range).into_response(),
        _ => {
            // The names are constants of this program: those of its clients would have to be escaped.
            let items = range.into_iter().flatten().map(|user| format!("<li>{}</li>", user.name));
            Html(format!("<ul>{}</ul>", items.collect::<Vec<_>>().join("\n"))).into_response()
        }
    }
}

#[get("/:id")]
fn show(id: usize, users: &Users) -> Json<Value> {
    match users.lock().unwrap().get(id) {
        Some(Some(user)) => Json(json!(user)),
        _ => Json(json!({ "error": "Cannot find user" })),
    }
}

#[delete("/:id")]
fn destroy(id: usize, users: &Users) -> &'static str {
    match users.lock().unwrap().get_mut(id).and_then(Option::take) {
        Some(_) => "destroyed",
        None => "Cannot find user",
    }
}

fn users() -> impl Stack<(Users,)> {
    router![index, range, show, destroy]
}

#[get("/")]
fn examples() -> Html<&'static str> {
    Html(
        "<h1>Examples:</h1> <ul>
<li>GET /users</li>
<li>GET /users/1</li>
<li>GET /users/3</li>
<li>GET /users/1..3</li>
<li>GET /users/1..3.json</li>
<li>DELETE /users/4</li>
</ul>",
    )
}

pub(crate) fn app() -> App<impl Chain> {
    let names = ["tj", "ciaran", "aaron", "guillermo", "simon", "tobi"];
    let records: Users = Mutex::new(names.map(|name| Some(User { name })).into());
    app![provide(records), "/users" => users(), examples]
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    app().listen(connect_examples::address()).await
}
