use connect::{app, get};

#[get("/user/:user_id")]
fn user(usr_id: u64) -> String {
//      ^^^^^^^^^^^ error: macro
    format!("{usr_id}")
}

fn main() {
    let _ = app![user];
}
