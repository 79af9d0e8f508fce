use connect::{Result, app, get};

#[get("/")]
fn show() -> Result<u64> {
    Ok(42)
}

fn main() {
    let _ = app![show];
}
