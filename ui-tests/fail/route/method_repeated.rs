use connect::{app, route};

#[route(GET, POST, GET, "/")]
//                 ^^^ error: macro
fn show() -> &'static str {
    "hello"
}

fn main() {
    let _ = app![show];
}
