use connect::{Next, Request, Response, middleware};

#[middleware]
fn logger(_req: &mut Request, _res: &mut Response, next: Next, _started: u64) -> Result {
    next.pass()
}

fn main() {}
