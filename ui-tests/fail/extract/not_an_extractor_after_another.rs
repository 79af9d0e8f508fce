use connect::{Json, app, post};

struct User;

#[post("/")]
async fn create(Json(id): Json<u64>, user: User) -> String {
//                                         ^^^^ error: rustc
    let User = user;
    format!("{id}")
}

fn main() {
    let _ = app![create];
}
