use connect::{app, get, guard, middleware, Next, Result};

#[middleware]
fn auth(next: Next) -> Result {
    next.pass()
}

#[get("/")]
fn index() -> &'static str {
    "index"
}

fn main() {
    let _ = app![guard!["/admin" => auth => index]];
//                      ^^^^^^^^ error: macro
}
