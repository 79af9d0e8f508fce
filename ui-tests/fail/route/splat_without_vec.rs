use connect::{app, get};

#[get("/files/*path")]
fn file(path: String) -> String {
//            ^^^^^^ error: rustc
    path
}

fn main() {
    let _ = app![file];
}
