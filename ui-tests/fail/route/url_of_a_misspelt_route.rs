use connect::{get, url};

#[get("/user/:id")]
fn user(id: u64) -> String {
    id.to_string()
}

fn main() {
    let _ = url!(usr, 1);
    //           ^^^ error: rustc
}
