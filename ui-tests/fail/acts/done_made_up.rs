use connect::{Done, Request, Response, Result, middleware};

#[middleware]
fn logger(_req: &mut Request, _res: &mut Response) -> Result {
    Ok(Done)
    // ^^^^ error: rustc
}

fn main() {}
