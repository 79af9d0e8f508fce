use connect::{app, get};

#[get("/user/:id")]
async fn show_user(id: u64) -> String {
    format!("user {id}")
}

#[get("/user/new")]
fn new_user() -> &'static str {
    "a form"
}

fn main() {
    let _ = app![show_user, new_user];
    //                      ^^^^^^^^ error: rustc
}
