use connect::{Next, Request, Response, Result, middleware};

#[middleware]
fn logger(req: &mut Request, res: &mut Response, next: Next) -> Result {
    Ok(next.run(req, res))
    //      ^^^ error: rustc
}

fn main() {}
