use connect::{Next, Request, Response, Result, middleware};

#[middleware]
async fn logger(_req: &mut Request, _res: &Response, _next: Next) -> Result {
//                                        ^^^^^^^^^ error: macro
    _next.pass()
}

fn main() {}
