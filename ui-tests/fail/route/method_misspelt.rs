use connect::{app, route};

#[route(GTE, "/")]
//      ^^^ error: macro
fn show() -> &'static str {
    "hello"
}

fn main() {
    let _ = app![show];
}
