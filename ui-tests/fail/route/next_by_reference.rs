use connect::{Next, app, get};

#[get("/")]
fn show(next: &Next) -> Result {
    todo!()
}

fn main() {
    let _ = app![show];
}
