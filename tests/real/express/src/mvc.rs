//! Express's example `mvc`: controllers with their own routers, templates, and a database as the model. The templates and the
//! style sheet are those of `examples/src/bin/express_mvc`.

mod db;
mod pet;
mod user;

use connect::{
    App, Chain, CookieKeys, Error, MiniJinja, Redirect, Request, Response, Result, Views, app, error_handler,
    get, middleware, provide, serve_static,
};
use serde_json::json;

use self::db::Db;
use crate::method_override::method_override;
use crate::session::session;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../examples/src/bin/express_mvc");

#[get("/")]
fn index() -> Redirect {
    Redirect::to("/users")
}

#[error_handler]
fn failed(err: Error, res: &mut Response, views: Option<&Views>) -> Result {
    eprintln!("{err:?}");
    res.status(500).respond(views.map(|views| views.render("5xx.html", ())))
}

#[middleware]
fn not_found(req: &mut Request, res: &mut Response, views: &Views) -> Result {
    let url = req.original_uri().to_string();
    res.status(404).respond(views.render("404.html", json!({ "url": url })))
}

pub(crate) fn app() -> App<impl Chain> {
    app![
        serve_static(format!("{FOLDER}/public")),
        session(CookieKeys::generate()),
        method_override,
        provide(Db::default()),
        provide(Views::new(MiniJinja::new(format!("{FOLDER}/views")))),
        index,
        pet::controller(),
        user::controller(),
        failed,
        not_found,
    ]
}
