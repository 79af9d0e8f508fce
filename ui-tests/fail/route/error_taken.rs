use connect::{Error, Result, app, get};

#[get("/")]
fn show(err: Error) -> Result {
//      ^^^^^^^^^^ error: macro
    todo!()
}

fn main() {
    let _ = app![show];
}
