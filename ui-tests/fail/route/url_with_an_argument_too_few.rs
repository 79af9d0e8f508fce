use connect::{get, url};

#[get("/user/:id/posts/:post")]
fn post(id: u64, post: u64) -> String {
    format!("{id} {post}")
}

fn main() {
    let _ = url!(post, 42);
    //      ^^^^^^^^^^^^^^ error: rustc
}
