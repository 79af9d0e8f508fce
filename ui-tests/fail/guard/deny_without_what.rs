use connect::{app, get};

struct User;

#[get("/stats")]
fn stats() -> &'static str {
    "42"
}

fn main() {
    let _ = app![#![deny] stats];
    //              ^^^^ error: macro
}
