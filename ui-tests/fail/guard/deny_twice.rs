use connect::{app, get};

struct User;

struct Admin;

#[get("/stats")]
fn stats() -> &'static str {
    "42"
}

fn main() {
    let _ = app![#![deny(unguarded = User)] #![deny(unguarded = Admin)] stats];
    //                                         ^^^^ error: macro
}
