use connect::{app, get};

#[get(r"/user/:id(\d+)")]
//    ^^^^^^^^^^^^^^^^^ error: macro
fn user(id: u64) -> String {
    format!("{id}")
}

fn main() {
    let _ = app![user];
}
