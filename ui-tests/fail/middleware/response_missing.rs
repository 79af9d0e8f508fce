use connect::{Next, Request, Result, middleware};

#[middleware]
async fn logger(_req: &mut Request, _next: Next) -> Result {
//              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error: macro
    _next.pass()
}

fn main() {}
