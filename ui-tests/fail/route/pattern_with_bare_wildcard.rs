use connect::{app, get};

#[get("/files/*")]
fn files() -> &'static str {
    "files"
}

fn main() {
    let _ = app![files];
}
