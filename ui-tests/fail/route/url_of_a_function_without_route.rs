use connect::{get, url};

#[get("/user/:id")]
fn user(id: u64) -> String {
    id.to_string()
}

pub fn other() {}

fn main() {
    let _ = url!(other, 1);
    //      ^^^^^^^^^^^^^^ error: rustc
}
