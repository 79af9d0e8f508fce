//! A small notes application: pages and a JSON API, SQLite, forms with validation, flash messages, live
//! updates, and sixteen middleware.
//!
//! `cargo run -p notes` starts it on <http://127.0.0.1:3000>.

pub mod api;
pub mod draft;
pub mod flash;
pub mod live;
pub mod operation;
pub mod pages;
pub mod security;
pub mod store;

use connect::{
    App, Chain, Error, MiniJinja, Next, Request, Response, Result, Views, app, error_handler, provide,
};
use serde_json::json;

use crate::operation::Counts;
use crate::store::Store;

/// The application.
#[must_use]
pub fn notes(store: Store) -> App<impl Chain> {
    let templates = concat!(env!("CARGO_MANIFEST_DIR"), "/templates");
    // Set while the database is moved.
    let read_only = std::env::var_os("NOTES_READ_ONLY").map(|_| operation::read_only());
    app![
        operation::request_id,
        operation::span,
        operation::access_log,
        operation::response_time,
        operation::slow,
        provide(Counts::default()),
        operation::count,
        security::headers,
        security::robots,
        security::same_site,
        operation::concurrency_limit(operation::permits()),
        operation::deadline,
        read_only,
        operation::audit,
        operation::status,
        provide(store),
        provide(Views::new(MiniJinja::new(templates))),
        pages::style,
        pages::script,
        live::changes,
        "/api" => [security::no_store, security::version, api::list, api::create, api::show, api::delete, api::fault],
        flash::flash,
        pages::index,
        pages::create,
        pages::show,
        pages::delete,
        pages::missing,
        fault,
    ]
}

/// Errors as a page.
#[error_handler]
fn fault(err: Error, req: &mut Request, res: &mut Response, next: Next) -> Result {
    let Some(views) = req.provided::<Views>() else { return next.fail(err) };
    let status = err.status();
    if status.is_server_error() {
        eprintln!("{} {}: {err:?}", req.method(), req.original_url());
    }
    let page =
        views.render("fault.html", json!({ "status": status.as_u16(), "message": err.public_message() }))?;
    res.error(&err).respond(page)
}
