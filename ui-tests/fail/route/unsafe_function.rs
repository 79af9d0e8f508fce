use connect::{app, get};

#[get("/")]
pub unsafe fn show() -> &'static str {
//  ^^^^^^ error: macro
    "hello"
}

fn main() {
    let _ = app![show];
}
