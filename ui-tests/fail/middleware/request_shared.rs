use connect::{Next, Request, Response, middleware};

#[middleware]
fn logger(_req: &Request, _res: &mut Response, next: Next) -> Result {
    next.pass()
}

fn main() {}
