use connect::{Next, Request, Response, Result, middleware};

#[middleware]
fn logger<'a>(_req: &'a mut Request, _res: &mut Response, next: Next) -> Result {
//       ^^^^ error: macro
    next.pass()
}

fn main() {}
