use connect::{app, get, router, stack};

#[get("/:id")]
async fn show_user(id: u64) -> String {
    format!("user {id}")
}

#[get("/user/new")]
fn new_user() -> &'static str {
    "a form"
}

fn main() {
    let _ = app!["/user" => router![stack![show_user]], new_user];
    //                                                  ^^^^^^^^ error: rustc
}
