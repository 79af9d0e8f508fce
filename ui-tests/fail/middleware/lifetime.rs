use connect::{Next, Request, Response, middleware};

#[middleware]
fn logger<'a>(_req: &'a mut Request, _res: &mut Response, next: Next) -> Result {
    next.pass()
}

fn main() {}
