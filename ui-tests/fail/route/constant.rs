use connect::{app, get};

#[get("/")]
const fn show() -> &'static str {
    "hello"
}

fn main() {
    let _ = app![show];
}
