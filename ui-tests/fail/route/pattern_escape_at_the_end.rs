use connect::{app, get};

#[get(r"/user\")]
fn show() -> &'static str {
    "hello"
}

fn main() {
    let _ = app![show];
}
