use connect::{app, route};

#[route("GET", "/")]
fn show() -> &'static str {
    "hello"
}

fn main() {
    let _ = app![show];
}
