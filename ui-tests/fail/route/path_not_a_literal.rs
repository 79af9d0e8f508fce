use connect::{app, get};

const PATH: &str = "/";

#[get(PATH)]
//    ^^^^ error: macro
fn show() -> &'static str {
    "hello"
}

fn main() {
    let _ = app![show];
}
