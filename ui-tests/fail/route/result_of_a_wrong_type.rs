use connect::{Result, app, get};

#[get("/")]
fn show() -> Result<u64> {
//           ^^^^^^ error: rustc
    Ok(42)
}

fn main() {
    let _ = app![show];
}
