//! The notes as JSON.

use connect::http::StatusCode;
use connect::{Error, Json, Next, Request, Response, Result, delete, error_handler, get, post};
use serde_json::json;

use crate::draft::Draft;
use crate::store::{Note, Store};

/// All notes.
#[get("/notes")]
pub async fn list(store: &Store) -> Result<Json<Vec<Note>>> {
    Ok(Json(store.all().await?))
}

/// Creates a note; 422 with the errors of an invalid one.
#[post("/notes")]
pub async fn create(store: &Store, Json(draft): Json<Draft>, res: &mut Response) -> Result {
    match draft.check() {
        Ok(draft) => {
            let note = store.create(draft.title, draft.text).await?;
            res.status(201).set("location", format!("/api/notes/{}", note.id)).json(note)
        }
        Err((_, faults)) => res.status(422).json(json!({ "faults": faults })),
    }
}

/// One note.
#[get("/notes/:id")]
pub async fn show(store: &Store, id: i64) -> Result<Option<Json<Note>>> {
    Ok(store.find(id).await?.map(Json))
}

/// Deletes a note.
#[delete("/notes/:id")]
pub async fn delete(store: &Store, id: i64) -> Result<Option<StatusCode>> {
    Ok(store.delete(id).await?.then_some(StatusCode::NO_CONTENT))
}

/// Errors as JSON.
#[error_handler]
pub fn fault(err: Error, req: &mut Request, res: &mut Response, _next: Next) -> Result {
    if err.status().is_server_error() {
        eprintln!("{} {}: {err:?}", req.method(), req.original_url());
    }
    res.error(&err).json(json!({ "error": err.public_message() }))
}
