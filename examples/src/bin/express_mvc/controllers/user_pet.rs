//! Adds pets to a user. Its route stands in the router of the user.

use connect::{Form, Response, Result, post};

use super::super::db::{Db, Pet, User};
use super::pet::PetForm;

#[post("/pet")]
pub(crate) fn create(user: &User, db: &Db, Form(form): Form<PetForm>, res: &mut Response) -> Result {
    let mut pets = db.pets.lock().unwrap();
    let id = pets.len();
    res.cookie(("message", format!("Added pet {}", form.pet.name)));
    pets.push(Pet { id, name: form.pet.name });
    db.users.lock().unwrap()[user.id].pets.push(id);
    res.redirect(format!("/user/{}", user.id))
}
