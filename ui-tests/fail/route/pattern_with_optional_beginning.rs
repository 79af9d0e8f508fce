use connect::{app, get};

#[get("{/:lang}page")]
//    ^^^^^^^^^^^^^^ error: macro
fn show() -> &'static str {
    "hello"
}

fn main() {
    let _ = app![show];
}
