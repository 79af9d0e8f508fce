use connect::{Next, Request, Response, Result, middleware};

#[middleware]
async fn logger(_req: &mut Request, _res: &mut String, _next: Next) -> Result {
    _next.pass()
}

fn main() {}
