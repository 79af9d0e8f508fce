use connect::{app, get};

#[get("/user/:1")]
//    ^^^^^^^^^^ error: macro
fn show() -> &'static str {
    "hello"
}

fn main() {
    let _ = app![show];
}
