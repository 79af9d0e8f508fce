use connect::{Next, Result, app, get, middleware};

#[middleware]
fn load(#[mount] taem: &str, next: Next) -> Result {
    println!("{taem}");
    next.pass()
}

#[get("/")]
fn index() -> &'static str {
    "index"
}

fn main() {
    let _ = app!["/:team" => [load, index]];
//               ^^^^^^^^ error: rustc
}
