use connect::{app, get};

#[get("/straße")]
//    ^^^^^^^^^ error: macro
fn show() -> &'static str {
    "hello"
}

fn main() {
    let _ = app![show];
}
