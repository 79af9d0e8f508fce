use connect::{app, get};

#[get("/(user|admin)")]
fn show() -> &'static str {
    "hello"
}

fn main() {
    let _ = app![show];
}
