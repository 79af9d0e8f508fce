use connect::{Result, app, get};

#[get("/pets")]
fn pets() -> Result<&'static str> {
    Err("no such pet".into())
//      ^^^^^^^^^^^^^ error: rustc
}

fn main() {
    let _ = app![pets];
}
