use connect::{app, get};

enum Missing {
    Pet,
}

#[get("/pets")]
fn pets() -> Result<&'static str, Missing> {
//           ^^^^^^ error: rustc
    Err(Missing::Pet)
}

fn main() {
    let _ = app![pets];
}
