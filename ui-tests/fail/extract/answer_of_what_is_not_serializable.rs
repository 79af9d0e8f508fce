use connect::{Json, app, get};

struct User;

#[get("/answer")]
async fn answer() -> Json<User> {
//                   ^^^^ error: rustc
    Json(User)
}

fn main() {
    let _ = app![answer];
}
