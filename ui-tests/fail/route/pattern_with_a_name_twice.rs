use connect::{app, get};

#[get("/:id/posts/:id")]
//    ^^^^^^^^^^^^^^^^ error: macro
fn show() -> &'static str {
    "hello"
}

fn main() {
    let _ = app![show];
}
