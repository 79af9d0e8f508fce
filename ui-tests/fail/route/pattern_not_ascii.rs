use connect::{app, get};

#[get("/straße")]
fn show() -> &'static str {
    "hello"
}

fn main() {
    let _ = app![show];
}
