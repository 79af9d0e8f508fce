use connect::{Resume, app, get};

#[get("/")]
fn show(next: Resume) -> Result {
    todo!()
}

fn main() {
    let _ = app![show];
}
