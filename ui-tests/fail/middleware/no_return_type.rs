use connect::{Next, Request, Response, Result, middleware};

#[middleware]
async fn logger(_req: &mut Request, _res: &mut Response, _next: Next) {
    _next.pass()
}

fn main() {}
