use connect::{app, get};

#[get("/user/:id")]
fn show(id: impl Send) -> &'static str {
//      ^^^^^^^^^^^^^ error: macro
    "hello"
}

fn main() {
    let _ = app![show];
}
