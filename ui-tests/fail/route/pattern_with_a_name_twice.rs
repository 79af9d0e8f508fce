use connect::{app, get};

#[get("/:id/posts/:id")]
fn show() -> &'static str {
    "hello"
}

fn main() {
    let _ = app![show];
}
