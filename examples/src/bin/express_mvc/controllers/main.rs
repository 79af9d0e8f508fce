//! The start page.

use connect::{Redirect, get};

#[get("/")]
pub(crate) fn index() -> Redirect {
    Redirect::to("/users")
}
