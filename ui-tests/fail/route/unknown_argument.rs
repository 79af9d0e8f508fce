use connect::{app, get};

#[get("/", strict = true)]
//         ^^^^^^ error: macro
fn show() -> &'static str {
    "hello"
}

fn main() {
    let _ = app![show];
}
