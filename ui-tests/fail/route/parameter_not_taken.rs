use connect::{app, get};

#[get("/user/:id/posts/:post")]
//    ^^^^^^^^^^^^^^^^^^^^^^^ error: macro
fn post(id: u64) -> String {
    format!("{id}")
}

fn main() {
    let _ = app![post];
}
