use connect::{app, get};

#[get("/[ab]")]
//    ^^^^^^^ error: macro
fn show() -> &'static str {
    "hello"
}

fn main() {
    let _ = app![show];
}
