use connect::{Next, Request, Response, Result, middleware};

#[middleware]
fn logger(_req: &Request, _res: &mut Response, next: Next) -> Result {
//              ^^^^^^^^ error: macro
    next.pass()
}

fn main() {}
