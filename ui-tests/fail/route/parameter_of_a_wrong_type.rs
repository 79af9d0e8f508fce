use connect::{app, get};

struct User;

#[get("/user/:user")]
fn show(user: User) -> String {
//            ^^^^ error: rustc
    let User = user;
    String::new()
}

fn main() {
    let _ = app![show];
}
