use connect::{Next, Request, Response, Result, middleware};

#[middleware]
pub extern "C" fn logger(_req: &mut Request, _res: &mut Response, next: Next) -> Result {
//  ^^^^^^^^^^ error: macro
    next.pass()
}

fn main() {}
