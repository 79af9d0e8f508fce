use connect::{Next, Request, Response, Result, middleware};

#[middleware]
async fn logger(_req: &mut Request, _next: Next) -> Result {
    _next.pass()
}

fn main() {}
