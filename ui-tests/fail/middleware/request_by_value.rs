use connect::{Next, Request, Response, Result, middleware};

#[middleware]
async fn logger(req: Request, res: &mut Response, next: Next) -> Result {
    next.pass()
}

fn main() {}
