use connect::{Request, Response, Result, middleware};

#[middleware]
async fn number(_req: &mut Request, res: &mut Response) -> Result {
    res.send(404)
    //       ^^^ error: rustc
}

fn main() {}
