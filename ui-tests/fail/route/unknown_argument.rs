use connect::{app, get};

#[get("/", strict = true)]
fn show() -> &'static str {
    "hello"
}

fn main() {
    let _ = app![show];
}
