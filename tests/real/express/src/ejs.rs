//! Express's example `ejs`: a page from a template, with a style sheet.

use connect::{App, Chain, Html, Result, Views, app, get, provide, serve_static};
use serde::Serialize;
use serde_json::json;

use crate::FOLDER;

#[derive(Serialize)]
struct User {
    name: &'static str,
    email: &'static str,
}

static USERS: [User; 3] = [
    User { name: "tobi", email: "tobi@learnboost.com" },
    User { name: "loki", email: "loki@learnboost.com" },
    User { name: "jane", email: "jane@learnboost.com" },
];

#[get("/")]
fn index(views: &Views) -> Result<Html<String>> {
    views.render("users.html", json!({ "title": "Template example", "users": USERS }))
}

pub(crate) fn app() -> App<impl Chain> {
    app![serve_static(format!("{FOLDER}/public/ejs")), provide(crate::views("ejs")), index]
}
