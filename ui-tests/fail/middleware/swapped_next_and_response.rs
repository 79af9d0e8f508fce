use connect::{Next, Request, Response, middleware};

#[middleware]
fn logger(_req: &mut Request, next: Next, _res: &mut Response) -> Result {
    next.pass()
}

fn main() {}
