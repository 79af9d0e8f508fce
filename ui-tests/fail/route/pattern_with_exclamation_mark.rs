use connect::{app, get};

#[get("/a!")]
fn show() -> &'static str {
    "hello"
}

fn main() {
    let _ = app![show];
}
