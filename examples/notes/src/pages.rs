//! The pages.

use connect::{Error, Form, Html, Request, Response, Result, Views, get, middleware, post};
use serde_json::json;

use crate::draft::{Draft, Faults};
use crate::flash::{self, Flash};
use crate::store::Store;

/// All notes, and a form for another.
#[get("/")]
pub async fn index(store: &Store, views: &Views, flash: &Flash) -> Result<Html<String>> {
    page(store, views, flash, Draft::default(), Faults::default()).await
}

async fn page(
    store: &Store,
    views: &Views,
    flash: &Flash,
    draft: Draft,
    faults: Faults,
) -> Result<Html<String>> {
    let notes = store.all().await?;
    views.render("index.html", json!({ "notes": notes, "flash": flash.0, "draft": draft, "faults": faults }))
}

/// Creates a note and redirects to the list, or shows the form again with its errors.
#[post("/notes")]
pub async fn create(
    store: &Store,
    views: &Views,
    flash: &Flash,
    Form(draft): Form<Draft>,
    res: &mut Response,
) -> Result {
    match draft.check() {
        Ok(draft) => {
            let note = store.create(draft.title, draft.text).await?;
            flash::set(res, &format!("Kept \u{201c}{}\u{201d}.", note.title));
            res.status(303).redirect("/")
        }
        Err((draft, faults)) => {
            let page = page(store, views, flash, draft, faults).await?;
            res.status(422).respond(page)
        }
    }
}

/// One note.
#[get("/notes/:id")]
pub async fn show(store: &Store, views: &Views, flash: &Flash, id: i64) -> Result<Option<Html<String>>> {
    let Some(note) = store.find(id).await? else { return Ok(None) };
    views.render("note.html", json!({ "note": note, "flash": flash.0 })).map(Some)
}

/// Deletes a note and redirects to the list.
#[post("/notes/:id/delete")]
pub async fn delete(store: &Store, id: i64, res: &mut Response) -> Result {
    let message = if store.delete(id).await? { "Deleted." } else { "It was gone already." };
    flash::set(res, message);
    res.status(303).redirect("/")
}

/// The style sheet.
#[get("/assets/style.css")]
pub fn style(res: &mut Response) -> Result {
    res.set("content-type", "text/css; charset=utf-8").send(include_str!("../assets/style.css"))
}

/// The script that updates the list.
#[get("/assets/live.js")]
pub fn script(res: &mut Response) -> Result {
    res.set("content-type", "text/javascript; charset=utf-8").send(include_str!("../assets/live.js"))
}

/// No such page.
#[middleware]
pub fn missing(_req: &mut Request, _res: &mut Response) -> Result {
    Err(Error::new(404, "There is no such page."))
}
