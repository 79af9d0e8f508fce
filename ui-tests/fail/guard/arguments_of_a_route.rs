use connect::{get};

struct User;

#[get("/a", public, guarded = User)]
//                  ^^^^^^^ error
fn a() -> &'static str {
    ""
}

#[get("/b", guarded = User)]
//          ^^^^^^^ error
fn b() -> &'static str {
    ""
}

#[get("/c", guards = User)]
//          ^^^^^^ error
fn c() -> &'static str {
    ""
}

fn main() {}
