use connect::{Json, app, post};
use connect_middleware::valid::Valid;

#[derive(serde::Deserialize)]
struct SignUp {
    name: String,
}

#[post("/sign-up")]
fn sign_up(Valid(Json(user)): Valid<Json<SignUp>>) -> String {
//                            ^^^^^ error: rustc
    user.name
}

fn main() {
    let _ = app![sign_up];
}
