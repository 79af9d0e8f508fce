use connect::{Next, Request, Response, middleware};

#[middleware]
fn logger(_req: &mut Request, _res: &mut Response, next: Next) -> Result {
    Err("boom")?;
    next.pass()
}

fn main() {}
