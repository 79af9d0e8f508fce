use connect::{Next, Response, Result, middleware};

#[middleware]
fn logger(_req: &mut String, _res: &mut Response, next: Next) -> Result {
//              ^^^^^^^^^^^ error: macro
    next.pass()
}

fn main() {}
