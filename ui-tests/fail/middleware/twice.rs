use connect::{Next, Request, Response, middleware};

#[middleware]
#[middleware]
fn logger(_req: &mut Request, _res: &mut Response, next: Next) -> Result {
    next.pass()
}

fn main() {}
