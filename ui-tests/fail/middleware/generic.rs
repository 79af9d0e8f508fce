use connect::{Next, Request, Response, Result, middleware};

#[middleware]
async fn logger<T: Send>(req: &mut Request, res: &mut Response, next: Next) -> Result {
    next.pass()
}

fn main() {}
