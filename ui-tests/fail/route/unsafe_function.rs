use connect::{app, get};

#[get("/")]
unsafe fn show() -> &'static str {
    "hello"
}

fn main() {
    let _ = app![show];
}
