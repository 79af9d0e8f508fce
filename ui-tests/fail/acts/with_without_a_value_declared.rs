use connect::{Next, Request, Response, middleware};

#[middleware]
fn logger(_req: &mut Request, _res: &mut Response, next: Next) -> Result {
    next.with(42).pass()
}

fn main() {}
