use connect::{app, get};

#[get("/page#top")]
//    ^^^^^^^^^^^ error: macro
fn show() -> &'static str {
    "hello"
}

fn main() {
    let _ = app![show];
}
