use connect::{app, post};

struct User;

#[post("/")]
async fn create(user: Option<User>) -> &'static str {
//                    ^^^^^^ error: rustc
    let _ = user.is_some();
    "hello"
}

fn main() {
    let _ = app![create];
}
