use connect::{Next, Request, Response, middleware};

#[middleware]
fn logger(_req: &mut Request, _res: Response, next: Next) -> Result {
    next.pass()
}

fn main() {}
