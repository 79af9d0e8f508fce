use connect::{Next, Request, Response, Result, middleware};

#[middleware]
async fn logger(res: &mut Response, _req: &mut Request, _next: Next) -> Result {
//              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error: macro
    _next.pass()
}

fn main() {}
