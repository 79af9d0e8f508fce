//! Express's example `route-map`: nested paths, each with its methods.

use connect::{App, Chain, app, delete, get};

mod users {
    use super::{delete, get};

    #[get("/")]
    pub(super) fn list() -> &'static str {
        "user list"
    }

    #[delete("/")]
    pub(super) fn delete_all() -> &'static str {
        "delete users"
    }

    #[get("/")]
    pub(super) fn show(#[mount] uid: &str) -> String {
        format!("user {uid}")
    }
}

mod pets {
    use super::{delete, get};

    #[get("/")]
    pub(super) fn list(#[mount] uid: &str) -> String {
        format!("user {uid}'s pets")
    }

    #[delete("/")]
    pub(super) fn delete_one(#[mount] uid: &str, #[mount] pid: &str) -> String {
        format!("delete {uid}'s pet {pid}")
    }
}

pub(crate) fn app() -> App<impl Chain> {
    app![
        "/users" => [
            users::list,
            users::delete_all,
            "/:uid" => [
                users::show,
                "/pets" => [
                    pets::list,
                    "/:pid" => pets::delete_one,
                ],
            ],
        ],
    ]
}
