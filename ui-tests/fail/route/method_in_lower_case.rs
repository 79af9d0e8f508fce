use connect::{app, route};

#[route(get, POST, "/form")]
//      ^^^ error: macro
fn form() -> &'static str {
    "form"
}

fn main() {
    let _ = app![form];
}
