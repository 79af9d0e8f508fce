//! The list of users, and the pages of a user.

use connect::{Form, Html, Next, Request, Response, Result, Stack, Views, get, middleware, put, router};
use serde::Deserialize;
use serde_json::json;

use super::super::Message;
use super::super::db::{Db, User};
use super::pet::Name;
use super::user_pet;

/// The field `user[name]`.
#[derive(Deserialize)]
struct UserForm {
    user: Name,
}

/// Loads the user for all routes of its router, or leaves the router if there is no such user.
#[middleware]
fn before(req: &mut Request, db: &Db, next: Next<User>) -> Result {
    let users = db.users.lock().unwrap();
    match req.param("user_id").ok().and_then(|id: usize| users.get(id)) {
        Some(user) => next.with(user.clone()).pass(),
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
fn show(user: &User, db: &Db, views: &Views, message: &Message) -> Result<Html<String>> {
    let all = db.pets.lock().unwrap();
    let pets: Vec<_> = user.pets.iter().map(|id| &all[*id]).collect();
    views.render("user/show.html", json!({ "user": user, "pets": pets, "message": message.0 }))
}

#[put("/")]
fn update(user: &User, db: &Db, Form(form): Form<UserForm>, res: &mut Response) -> Result {
    db.users.lock().unwrap()[user.id].name = form.user.name;
    res.cookie(("message", "Information updated!")).redirect(format!("/user/{}", user.id))
}

pub(crate) fn controller() -> impl Stack<(Db, Views, Message)> {
    router![list, "/user/:user_id" => router![#![merge_params] before, edit, show, update, user_pet::create]]
}
