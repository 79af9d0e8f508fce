use connect::{Next, Request, Response, Result, middleware};

#[middleware]
async fn logger(req: &mut Request, res: &mut Response, next: Next) -> Result {
    let _done = next.run(req, res).await;
    next.pass()
  //^^^^ error: rustc
}

fn main() {}
