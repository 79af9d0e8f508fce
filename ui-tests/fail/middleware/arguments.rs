use connect::{Next, Request, Response, Result, middleware};

#[middleware("/path")]
//           ^^^^^^^ error: macro
async fn logger(_req: &mut Request, _res: &mut Response, _next: Next) -> Result {
    _next.pass()
}

fn main() {}
