//! The pages of a pet.

use connect::{Form, Html, Next, Response, Result, Stack, Views, get, middleware, put, router};
use serde::Deserialize;
use serde_json::json;

use super::db::{Db, Pet};
use crate::session::Session;

/// The field `pet[name]`.
#[derive(Deserialize)]
pub(super) struct PetForm {
    pub(super) pet: Name,
}

#[derive(Deserialize)]
pub(super) struct Name {
    pub(super) name: String,
}

/// Loads the pet for all routes of its router, or leaves the router if there is no such pet.
#[middleware]
fn before(#[mount] pet_id: &str, db: &Db, next: Next<Pet>) -> Result {
    let pet = pet_id.parse().ok().and_then(|id: usize| db.pets.lock().unwrap().get(id).cloned());
    match pet {
        Some(pet) => next.with(pet).pass(),
        None => next.router(),
    }
}

#[get("/")]
fn show(pet: &Pet, views: &Views) -> Result<Html<String>> {
    views.render("pet/show.html", json!({ "pet": pet }))
}

#[get("/edit")]
fn edit(pet: &Pet, views: &Views) -> Result<Html<String>> {
    views.render("pet/edit.html", json!({ "pet": pet }))
}

#[put("/")]
fn update(pet: &Pet, db: &Db, session: &Session, Form(form): Form<PetForm>, res: &mut Response) -> Result {
    db.pets.lock().unwrap()[pet.id].name = form.pet.name;
    session.set("message", "Information updated!")?;
    res.redirect(format!("/pet/{}", pet.id))
}

pub(super) fn controller() -> impl Stack<(Db, Views, Session)> {
    router!["/pet/:pet_id" => router![#![merge_params] before, show, edit, update]]
}
