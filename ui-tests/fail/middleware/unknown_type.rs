use connect::{Next, Request, Response, Result, middleware};

#[middleware]
async fn logger(req: &mut Request, res: &mut String, next: Next) -> Result {
    next.pass()
}

fn main() {}
