use connect::{app, get};

#[get("/user/:id")]
fn show(&self, id: u64) -> String {
//      ^^^^^ error: macro
    id.to_string()
}

fn main() {
    let _ = app![show];
}
