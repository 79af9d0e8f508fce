use connect::{app, get};

#[get("/[ab]")]
fn show() -> &'static str {
    "hello"
}

fn main() {
    let _ = app![show];
}
