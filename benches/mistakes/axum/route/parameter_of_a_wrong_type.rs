//! The twin of `ui-tests/fail/route/parameter_of_a_wrong_type.rs`.

use axum::extract::Path;
use axum::{Router, routing::get};

struct User;

// #[debug_handler]
async fn show(Path(user): Path<User>) -> String {
    let User = user;
    String::new()
}

fn main() {
    let _: Router = Router::new().route("/user/{user}", get(show));
}
