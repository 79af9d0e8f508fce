use connect::{app, get};

#[get(POST, "/")]
//    ^^^^ error: macro
fn show() -> &'static str {
    "hello"
}

fn main() {
    let _ = app![show];
}
