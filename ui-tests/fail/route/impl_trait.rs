use connect::{app, get};

#[get("/user/:id")]
fn show(id: impl Send) -> &'static str {
    "hello"
}

fn main() {
    let _ = app![show];
}
