//! Express's example `error-pages`: pages for a 404 and for errors, the former also as JSON and text.

use connect::{
    App, Chain, Environment, Error, Html, Next, Request, Response, Result, Views, app, bail, error_handler,
    get, middleware, provide,
};
use serde_json::json;

#[get("/")]
fn index(views: &Views) -> Result<Html<String>> {
    views.render("index.html", ())
}

/// Leaves the request to `not_found`.
#[get("/404")]
fn missing(next: Next) -> Result {
    next.pass()
}

#[get("/403")]
fn forbidden() -> Result<()> {
    bail!(403, "not allowed!")
}

#[get("/500")]
fn broken() -> Result<()> {
    bail!(500, "keyboard cat!")
}

/// No layer above has answered.
#[middleware]
fn not_found(req: &mut Request, res: &mut Response, views: &Views) -> Result {
    res.status(404)
        .format(req)
        .html(|res| res.respond(views.render("404.html", json!({ "url": req.url() }))))
        .json(|res| res.json(json!({ "error": "Not found" })))
        .or(|res| res.text("Not found"))
}

/// The page of an error, with its causes in development.
#[error_handler]
fn error_page(err: Error, res: &mut Response, views: Option<&Views>) -> Result {
    let verbose = Environment::current() != Environment::Production;
    let details = verbose.then(|| format!("{err:?}"));
    let context = json!({ "message": err.public_message(), "details": details });
    res.status(err.status()).respond(views.map(|views| views.render("500.html", context)))
}

pub(crate) fn app() -> App<impl Chain> {
    app![provide(crate::views("error_pages")), index, missing, forbidden, broken, not_found, error_page,]
}
