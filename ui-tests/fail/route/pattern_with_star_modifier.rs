use connect::{app, get};

#[get("/files/:path*")]
fn show() -> &'static str {
    "hello"
}

fn main() {
    let _ = app![show];
}
