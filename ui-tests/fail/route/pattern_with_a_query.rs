use connect::{app, get};

#[get("/search?q=:q")]
fn show() -> &'static str {
    "hello"
}

fn main() {
    let _ = app![show];
}
