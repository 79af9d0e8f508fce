use connect::{app, get};

#[get("/page#top")]
fn show() -> &'static str {
    "hello"
}

fn main() {
    let _ = app![show];
}
