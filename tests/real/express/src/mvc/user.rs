//! The list of users, the pages of a user, and the user's new pets.

use connect::{Form, Html, Next, Response, Result, Stack, Views, get, middleware, post, put, router};
use serde::Deserialize;
use serde_json::json;

use super::db::{Db, Pet, User};
use super::pet::{Name, PetForm};
use crate::session::Session;

/// The field `user[name]`.
#[derive(Deserialize)]
struct UserForm {
    user: Name,
}

/// Loads the user for all routes of its router, or leaves the router if there is no such user.
#[middleware]
fn before(#[mount] user_id: &str, db: &Db, next: Next<User>) -> Result {
    let user = user_id.parse().ok().and_then(|id: usize| db.users.lock().unwrap().get(id).cloned());
    match user {
        Some(user) => next.with(user).pass(),
        None => next.router(),
    }
}

#[get("/users")]
fn list(db: &Db, views: &Views) -> Result<Html<String>> {
    views.render("user/list.html", json!({ "users": db.users }))
}

#[get("/edit")]
fn edit(user: &User, views: &Views) -> Result<Html<String>> {
    views.render("user/edit.html", json!({ "user": user }))
}

#[get("/")]
fn show(user: &User, db: &Db, views: &Views, session: &Session) -> Result<Html<String>> {
    let all = db.pets.lock().unwrap();
    let pets: Vec<_> = user.pets.iter().map(|id| &all[*id]).collect();
    let message: Option<String> = session.take("message");
    views.render("user/show.html", json!({ "user": user, "pets": pets, "message": message }))
}

#[put("/")]
fn update(user: &User, db: &Db, session: &Session, Form(form): Form<UserForm>, res: &mut Response) -> Result {
    db.users.lock().unwrap()[user.id].name = form.user.name;
    session.set("message", "Information updated!")?;
    res.redirect(format!("/user/{}", user.id))
}

#[post("/pet")]
fn create_pet(
    user: &User,
    db: &Db,
    session: &Session,
    Form(form): Form<PetForm>,
    res: &mut Response,
) -> Result {
    let mut pets = db.pets.lock().unwrap();
    let id = pets.len();
    session.set("message", format!("Added pet {}", form.pet.name))?;
    pets.push(Pet { id, name: form.pet.name });
    db.users.lock().unwrap()[user.id].pets.push(id);
    res.redirect(format!("/user/{}", user.id))
}

pub(super) fn controller() -> impl Stack<(Db, Views, Session)> {
    router![list, "/user/:user_id" => router![#![merge_params] before, edit, show, update, create_pet]]
}
