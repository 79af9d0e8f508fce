use connect::{Next, Result, app, get};

#[get("/")]
fn show(next: &Next) -> Result {
//      ^^^^^^^^^^^ error: macro
    todo!()
}

fn main() {
    let _ = app![show];
}
