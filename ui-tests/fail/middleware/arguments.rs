use connect::{Next, Request, Response, Result, middleware};

#[middleware("/path")]
async fn logger(req: &mut Request, res: &mut Response, next: Next) -> Result {
    next.pass()
}

fn main() {}
