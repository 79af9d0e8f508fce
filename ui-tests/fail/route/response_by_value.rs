use connect::{Response, Result, app, get};

#[get("/")]
fn show(res: Response) -> Result {
//      ^^^^^^^^^^^^^ error: macro
    todo!()
}

fn main() {
    let _ = app![show];
}
