use connect::{app, get};

#[get("")]
fn show() -> &'static str {
    "hello"
}

fn main() {
    let _ = app![show];
}
