use connect::{Next, Request, Response, Result, middleware};

#[middleware]
fn logger(_req: &mut Request, next: Next, _res: &mut Response) -> Result {
//        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error: macro
    next.pass()
}

fn main() {}
