use connect::{Next, Request, Response, middleware};

#[middleware]
async fn logger(req: &mut Request, res: &mut Response, next: Next) -> Result {
    Ok(next.run(req, res))
}

fn main() {}
