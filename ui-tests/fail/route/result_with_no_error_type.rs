use connect::{app, get};

#[get("/")]
fn show() -> std::result::Result<String, u8> {
//           ^^^ error: rustc
    Err(1)
}

fn main() {
    let _ = app![show];
}
