use connect::{Next, Request, Response, Result, middleware};

#[middleware]
async fn logger<T: Send>(_req: &mut Request, _res: &mut Response, _next: Next) -> Result {
//             ^^^^^^^^^ error: macro
    _next.pass()
}

fn main() {}
