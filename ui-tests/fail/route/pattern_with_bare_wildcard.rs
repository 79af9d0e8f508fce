use connect::{app, get};

#[get("/files/*")]
//    ^^^^^^^^^^ error: macro
fn files() -> &'static str {
    "files"
}

fn main() {
    let _ = app![files];
}
