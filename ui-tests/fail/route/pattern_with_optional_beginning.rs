use connect::{app, get};

#[get("{/:lang}page")]
fn show() -> &'static str {
    "hello"
}

fn main() {
    let _ = app![show];
}
