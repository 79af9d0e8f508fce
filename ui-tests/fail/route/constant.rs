use connect::{app, get};

#[get("/")]
pub const fn show() -> &'static str {
//  ^^^^^ error: macro
    "hello"
}

fn main() {
    let _ = app![show];
}
