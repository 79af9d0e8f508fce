use connect::{app, get};

#[get("/")]
pub extern "C" fn show() -> &'static str {
//  ^^^^^^^^^^ error: macro
    "hello"
}

fn main() {
    let _ = app![show];
}
