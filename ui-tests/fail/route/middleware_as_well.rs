use connect::{app, get, middleware};

#[get("/")]
#[middleware]
fn show() -> &'static str {
    "hello"
}

fn main() {
    let _ = app![show];
}
