use connect::{app, get};

#[get("/")]
#[get("/home")]
fn show() -> &'static str {
    "hello"
}

fn main() {
    let _ = app![show];
}
