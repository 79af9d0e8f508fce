use connect::{app, get, router};

#[get("/")]
fn index() -> &'static str {
    "hello"
}

fn main() {
    let _ = app![router![#![case_insensitive] index]];
    //                      ^^^^^^^^^^^^^^^^ error: macro
}
