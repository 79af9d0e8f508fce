use connect::{app, get};

#[get("/a\n")]
//    ^^^^^^ error: macro
fn show() -> &'static str {
    "hello"
}

fn main() {
    let _ = app![show];
}
