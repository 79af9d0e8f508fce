//! Users and their pets, in memory instead of a database.

use std::sync::Mutex;

use serde::Serialize;

#[derive(Clone, Serialize)]
pub(crate) struct Pet {
    pub(crate) id: usize,
    pub(crate) name: String,
}

#[derive(Clone, Serialize)]
pub(crate) struct User {
    pub(crate) id: usize,
    pub(crate) name: String,
    /// The ids of the pets.
    pub(crate) pets: Vec<usize>,
}

pub(crate) struct Db {
    pub(crate) pets: Mutex<Vec<Pet>>,
    pub(crate) users: Mutex<Vec<User>>,
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
