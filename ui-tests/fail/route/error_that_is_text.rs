use connect::{Result, app, get};

#[get("/pets")]
fn pets() -> Result<&'static str> {
    Err("no such pet".into())
}

fn main() {
    let _ = app![pets];
}
