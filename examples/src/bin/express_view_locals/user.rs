//! Users, in memory instead of a database.

use connect::Result;
use serde::Serialize;

#[derive(Clone, Serialize)]
pub(crate) struct User {
    name: &'static str,
    age: u32,
    pub(crate) species: &'static str,
}

static USERS: [User; 5] = [
    User { name: "Tobi", age: 2, species: "ferret" },
    User { name: "Loki", age: 1, species: "ferret" },
    User { name: "Jane", age: 6, species: "ferret" },
    User { name: "Luna", age: 1, species: "cat" },
    User { name: "Manny", age: 1, species: "cat" },
];

impl User {
    pub(crate) async fn all() -> Result<Vec<User>> {
        Ok(USERS.to_vec())
    }

    pub(crate) async fn count() -> Result<usize> {
        Ok(USERS.len())
    }
}
