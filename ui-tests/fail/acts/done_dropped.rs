#![deny(unused_must_use)]
use connect::{Next, Request, Response, Result, middleware};

#[middleware]
async fn logger(_req: &mut Request, res: &mut Response, next: Next) -> Result {
    res.send("hello");
  //^^^^^^^^^^^^^^^^^ error: rustc
    next.pass()
}

fn main() {}
