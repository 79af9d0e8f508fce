use connect::{app, get};

#[get(POST, "/")]
fn show() -> &'static str {
    "hello"
}

fn main() {
    let _ = app![show];
}
