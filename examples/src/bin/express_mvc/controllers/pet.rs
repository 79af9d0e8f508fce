//! The pages of a pet.

use connect::{Form, Html, Next, Request, Response, Result, Stack, Views, get, middleware, put, router};
use serde::Deserialize;
use serde_json::json;

use super::super::db::{Db, Pet};

/// The field `pet[name]`.
#[derive(Deserialize)]
pub(crate) struct PetForm {
    pub(crate) pet: Name,
}

#[derive(Deserialize)]
pub(crate) struct Name {
    pub(crate) name: String,
}

/// Loads the pet for all routes of its router, or leaves the router if there is no such pet.
#[middleware]
fn before(req: &mut Request, db: &Db, next: Next<Pet>) -> Result {
    let pets = db.pets.lock().unwrap();
    match req.param("pet_id").ok().and_then(|id: usize| pets.get(id)) {
        Some(pet) => next.with(pet.clone()).pass(),
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
fn update(pet: &Pet, db: &Db, Form(form): Form<PetForm>, res: &mut Response) -> Result {
    db.pets.lock().unwrap()[pet.id].name = form.pet.name;
    res.cookie(("message", "Information updated!")).redirect(format!("/pet/{}", pet.id))
}

pub(crate) fn controller() -> impl Stack<(Db, Views)> {
    router!["/pet/:pet_id" => router![#![merge_params] before, show, edit, update]]
}
