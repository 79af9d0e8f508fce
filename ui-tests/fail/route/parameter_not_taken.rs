use connect::{app, get};

#[get("/user/:id/posts/:post")]
fn post(id: u64) -> String {
    format!("{id}")
}

fn main() {
    let _ = app![post];
}
