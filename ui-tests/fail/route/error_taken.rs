use connect::{Error, app, get};

#[get("/")]
fn show(err: Error) -> Result {
    todo!()
}

fn main() {
    let _ = app![show];
}
