#![deny(unused_must_use)]
use connect::{Next, Request, Response, Result, middleware};

#[middleware]
fn logger(_req: &mut Request, res: &mut Response, next: Next) -> Result {
    next.pass();
  //^^^^^^^^^^^ error: rustc
    res.send("hello")
}

fn main() {}
