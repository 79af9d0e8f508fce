use connect::{app, get};

#[get("/user{}")]
//    ^^^^^^^^^ error: macro
fn show() -> &'static str {
    "hello"
}

fn main() {
    let _ = app![show];
}
