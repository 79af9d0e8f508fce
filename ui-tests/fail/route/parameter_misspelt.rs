use connect::{app, get};

#[get("/user/:user_id")]
fn user(usr_id: u64) -> String {
    format!("{usr_id}")
}

fn main() {
    let _ = app![user];
}
