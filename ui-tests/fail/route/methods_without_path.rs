use connect::{app, route};

#[route(GET, POST)]
fn show() -> &'static str {
    "hello"
}

fn main() {
    let _ = app![show];
}
