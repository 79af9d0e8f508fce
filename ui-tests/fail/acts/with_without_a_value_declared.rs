use connect::{Next, Request, Response, Result, middleware};

#[middleware]
fn logger(_req: &mut Request, _res: &mut Response, next: Next) -> Result {
    next.with(42).pass()
    //   ^^^^ error: rustc
}

fn main() {}
