use connect::{Request, app, get};

#[get("/")]
fn show(_req: &Request, _again: &Request) -> &'static str {
//                      ^^^^^^^^^^^^^^^^ error: macro
    "hello"
}

fn main() {
    let _ = app![show];
}
