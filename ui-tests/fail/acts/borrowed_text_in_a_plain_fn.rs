use connect::{Request, Response, Result, middleware};

#[middleware]
fn echo(req: &mut Request, res: &mut Response) -> Result {
    res.send(req.path())
  //^^^^^^^^^^^^^^^^^^^^ error: rustc
}

fn main() {}
