use connect::{Response, app, get};

#[get("/")]
fn show(res: &Response) -> Result {
    todo!()
}

fn main() {
    let _ = app![show];
}
