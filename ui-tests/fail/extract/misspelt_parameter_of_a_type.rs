use connect::{app, get};

#[get("/user/:user_id")]
fn user(usr_id: String) -> String {
//      ^^^^^^^^^^^^^^ error: macro
    usr_id
}

fn main() {
    let _ = app![user];
}
