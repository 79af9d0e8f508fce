use connect::{app, get};

#[get("/user/:id")]
fn show(_: u64) -> &'static str {
//      ^^^^^^ error: macro
    "hello"
}

fn main() {
    let _ = app![show];
}
