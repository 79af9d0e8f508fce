use connect::{Request, Response, Result, middleware};

#[middleware]
fn show(req: &mut Request, res: &mut Response) -> Result {
    let path = req.path().to_owned();
    res.send(&path)
    //       ^^^^^ error: rustc
}

fn main() {}
