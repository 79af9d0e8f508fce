use connect::{app, get};

#[get("/(user|admin)")]
//    ^^^^^^^^^^^^^^^ error: macro
fn show() -> &'static str {
    "hello"
}

fn main() {
    let _ = app![show];
}
