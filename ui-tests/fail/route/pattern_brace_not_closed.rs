use connect::{app, get};

#[get("/user{/:id")]
fn show() -> &'static str {
    "hello"
}

fn main() {
    let _ = app![show];
}
