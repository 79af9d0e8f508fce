use connect::{app, get};

#[get("/")]
extern "C" fn show() -> &'static str {
    "hello"
}

fn main() {
    let _ = app![show];
}
