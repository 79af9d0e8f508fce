use connect::{Next, Request, Response, Result, middleware};

#[middleware]
fn logger(_req: &mut Request, _res: &mut Response, next: Next, _started: u64) -> Result {
//                                                             ^^^^^^^^^^^^^ error: macro
    next.pass()
}

fn main() {}
