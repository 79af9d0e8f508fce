use connect::{app, get};

#[get("/user/:id")]
fn show(id: u64, page: u64) -> String {
//               ^^^^^^^^^ error: macro
    format!("{id} {page}")
}

fn main() {
    let _ = app![show];
}
