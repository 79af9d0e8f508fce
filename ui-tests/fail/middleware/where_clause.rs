use connect::{Next, Request, Response, Result, middleware};

#[middleware]
fn logger(_req: &mut Request, _res: &mut Response, next: Next) -> Result where String: Clone {
//                                                                       ^^^^^^^^^^^^^^^^^^^ error: macro
    next.pass()
}

fn main() {}
