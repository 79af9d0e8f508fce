use connect::{app, get};

#[get("/%70rivate")]
//    ^^^^^^^^^^^^ error: macro
fn show() -> &'static str {
    "hello"
}

fn main() {
    let _ = app![show];
}
