use connect::{app, get, provide};

struct User;

#[get("/")]
fn index(_user: Option<User>) -> &'static str {
//              ^^^^^^ error: rustc
    "index"
}

fn main() {
    let _ = app![provide(User), index];
}
