use connect::{app, get, post};

#[get("/")]
#[post("/")]
fn show() -> &'static str {
    "hello"
}

fn main() {
    let _ = app![show];
}
