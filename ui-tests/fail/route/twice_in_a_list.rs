use connect::{app, get};

#[get("/")]
fn index() -> &'static str {
    "index"
}

#[get("/")]
fn home() -> &'static str {
    "home"
}

fn main() {
    let _ = app![index, home];
    //                  ^^^^ error: rustc
}
