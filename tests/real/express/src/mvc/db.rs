//! Users and their pets, in memory in the place of a database.

use std::sync::Mutex;

use serde::Serialize;

#[derive(Clone, Serialize)]
pub(super) struct Pet {
    pub(super) id: usize,
    pub(super) name: String,
}

#[derive(Clone, Serialize)]
pub(super) struct User {
    pub(super) id: usize,
    pub(super) name: String,
    /// The ids of the pets.
    pub(super) pets: Vec<usize>,
}

pub(super) struct Db {
    pub(super) pets: Mutex<Vec<Pet>>,
    pub(super) users: Mutex<Vec<User>>,
}

impl Default for Db {
    fn default() -> Self {
        let pets = ["Tobi", "Loki", "Jane", "Raul"].into_iter().enumerate();
        let users =
            [("TJ", vec![0, 1, 2]), ("Guillermo", vec![3]), ("Nathan", vec![])].into_iter().enumerate();
        Db {
            pets: Mutex::new(pets.map(|(id, name)| Pet { id, name: name.to_owned() }).collect()),
            users: Mutex::new(
                users.map(|(id, (name, pets))| User { id, name: name.to_owned(), pets }).collect(),
            ),
        }
    }
}
