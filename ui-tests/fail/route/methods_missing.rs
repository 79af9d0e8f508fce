use connect::{app, route};

#[route("/")]
fn show() -> &'static str {
    "hello"
}

fn main() {
    let _ = app![show];
}
