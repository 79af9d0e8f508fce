use connect::{app, route};

#[route(GET, POST)]
//           ^^^^ error: macro
fn show() -> &'static str {
    "hello"
}

fn main() {
    let _ = app![show];
}
