use connect::{app, get};

#[get("/user}")]
fn show() -> &'static str {
    "hello"
}

fn main() {
    let _ = app![show];
}
