use connect::{Next, Request, Response, Result, middleware};

#[middleware]
fn logger(#[config] _name: impl Send, _req: &mut Request, _res: &mut Response, next: Next) -> Result {
//                         ^^^^^^^^^ error: macro
    next.pass()
}

fn main() {}
