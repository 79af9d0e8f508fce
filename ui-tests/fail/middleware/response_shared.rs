use connect::{Next, Request, Response, Result, middleware};

#[middleware]
async fn logger(req: &mut Request, res: &Response, next: Next) -> Result {
    next.pass()
}

fn main() {}
