use connect::{app, get};

#[get("/user{/:id}")]
fn user(id: u64) -> String {
//          ^^^ error: rustc
    format!("{id}")
}

fn main() {
    let _ = app![user];
}
