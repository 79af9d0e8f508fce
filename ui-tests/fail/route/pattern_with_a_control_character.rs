use connect::{app, get};

#[get("/a\n")]
fn show() -> &'static str {
    "hello"
}

fn main() {
    let _ = app![show];
}
