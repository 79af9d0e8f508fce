use connect::{app, get};

#[get("/from/:a/to/:b")]
fn show((a, b): (u64, u64)) -> String {
//      ^^^^^^^^^^^^^^^^^^ error: macro
    format!("{a} {b}")
}

fn main() {
    let _ = app![show];
}
