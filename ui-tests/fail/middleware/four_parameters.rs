use connect::{Error, Next, Request, Response, Result, middleware};

#[middleware]
async fn on_error(err: Error, req: &mut Request, res: &mut Response, next: Next) -> Result {
    next.fail(err)
}

fn main() {}
