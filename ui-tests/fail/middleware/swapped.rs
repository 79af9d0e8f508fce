use connect::{Next, Request, Response, Result, middleware};

#[middleware]
async fn logger(res: &mut Response, req: &mut Request, next: Next) -> Result {
    next.pass()
}

fn main() {}
