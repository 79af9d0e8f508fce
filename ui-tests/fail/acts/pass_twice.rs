use connect::{Next, Request, Response, Result, middleware};

#[middleware]
fn logger(_req: &mut Request, _res: &mut Response, next: Next) -> Result {
    let _ = next.pass();
    next.pass()
  //^^^^ error: rustc
}

fn main() {}
