use connect::{get, url};

#[get("/user/:id")]
fn user(id: u64) -> String {
    id.to_string()
}

fn main() {
    let _ = url!(user, [1, 2]);
    //      ^^^^^^^^^^^^^^^^^^ error: rustc
}
