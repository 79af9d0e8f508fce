//! Express's example `mvc`: controllers with their own routers, templates for the views, and a database as the model.
//!
//! Express's version finds its controllers at startup and derives their routes from function names (`lib/boot.js`); here
//! `main` lists them.

mod controllers;
mod db;

use connect::{
    App, Chain, Error, MiniJinja, Next, Request, Response, Result, Rewrite, Views, app, error_handler,
    http::Method, middleware, provide, serve_static,
};
use connect_examples::logger;
use serde_json::json;

use controllers::{main as home, pet, user};
use db::Db;

/// A message for the next page, such as "Information updated!".
struct Message(Option<String>);

/// Reads the message from its cookie, clears the cookie and provides the message.
#[middleware]
fn message(req: &mut Request, res: &mut Response, next: Next<Message>) -> Result {
    let message = req.cookie("message").map(String::from);
    if message.is_some() {
        res.clear_cookie("message");
    }
    next.with(Message(message)).pass()
}

/// Turns a POST to `?_method=put` into a PUT, since HTML forms send only GET and POST.
#[middleware]
fn method_override(req: &mut Rewrite, next: Next) -> Result {
    if req.method() == Method::POST && req.query_string() == Some("_method=put") {
        req.set_method(Method::PUT);
    }
    next.pass()
}

#[error_handler]
fn failed(err: Error, res: &mut Response, views: Option<&Views>) -> Result {
    eprintln!("{err:?}");
    res.status(500).respond(views.map(|views| views.render("5xx.html", ())))
}

#[middleware]
fn not_found(req: &mut Request, res: &mut Response, views: &Views) -> Result {
    let url = req.original_url().to_string();
    res.status(404).respond(views.render("404.html", json!({ "url": url })))
}

pub(crate) fn app() -> App<impl Chain> {
    let folder = format!("{}/src/bin/express_mvc", connect_examples::FOLDER);
    app![
        logger,
        serve_static(format!("{folder}/public")),
        method_override,
        provide(Db::default()),
        provide(Views::new(MiniJinja::new(format!("{folder}/views")))),
        message,
        home::index,
        pet::controller(),
        user::controller(),
        failed,
        not_found,
    ]
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    app().listen(connect_examples::address()).await
}
