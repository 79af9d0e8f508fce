use connect::{Next, Request, Response, Result, middleware};

#[middleware(strict)]
//           ^^^^^^ error: macro
fn logger(_req: &mut Request, _res: &mut Response, next: Next) -> Result {
    next.pass()
}

fn main() {}
