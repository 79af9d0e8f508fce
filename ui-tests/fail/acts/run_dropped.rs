#![deny(unused_must_use)]
use connect::{Next, Request, Response, Result, middleware};

#[middleware]
async fn logger(req: &mut Request, res: &mut Response, next: Next) -> Result {
    next.run(req, res).await;
  //^^^^^^^^^^^^^^^^^^^^^^^^ error: rustc
    res.send("hello")
}

fn main() {}
