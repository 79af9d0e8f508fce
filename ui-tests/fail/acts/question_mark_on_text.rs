use connect::{Next, Request, Response, Result, middleware};

#[middleware]
fn logger(_req: &mut Request, _res: &mut Response, next: Next) -> Result {
    Err("boom")?;
    //         ^ error: rustc
    next.pass()
}

fn main() {}
