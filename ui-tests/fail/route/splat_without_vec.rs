use connect::{app, get};

#[get("/files/*path")]
fn file(path: String) -> String {
    path
}

fn main() {
    let _ = app![file];
}
