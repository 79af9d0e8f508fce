use connect::{app, get};

#[get("/search?q=:q")]
//    ^^^^^^^^^^^^^^ error: macro
fn show() -> &'static str {
    "hello"
}

fn main() {
    let _ = app![show];
}
