use connect::{app, route};

#[route(GTE, "/")]
fn show() -> &'static str {
    "hello"
}

fn main() {
    let _ = app![show];
}
