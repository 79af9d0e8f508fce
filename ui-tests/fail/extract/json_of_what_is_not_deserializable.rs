use connect::{Json, app, post};

struct User;

#[post("/")]
async fn create(Json(user): Json<User>) -> &'static str {
//                          ^^^^ error: rustc
    let User = user;
    "hello"
}

fn main() {
    let _ = app![create];
}
