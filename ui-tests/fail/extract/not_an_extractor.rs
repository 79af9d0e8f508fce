use connect::{app, post};

struct User;

#[post("/")]
async fn create(user: User) -> &'static str {
//                    ^^^^ error: rustc
    let User = user;
    "hello"
}

fn main() {
    let _ = app![create];
}
