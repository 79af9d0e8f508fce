use connect::{Next, Request, Response, Result, middleware};

#[middleware]
async fn number(req: &mut Request, res: &mut Response) -> Result {
    res.send(404)
}

fn main() {}
