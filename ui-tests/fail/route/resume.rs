use connect::{Result, Resume, app, get};

#[get("/")]
fn show(next: Resume) -> Result {
//      ^^^^^^^^^^^^ error: macro
    todo!()
}

fn main() {
    let _ = app![show];
}
