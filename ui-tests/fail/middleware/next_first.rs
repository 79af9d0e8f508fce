use connect::{Next, Request, Response, Result, middleware};

#[middleware]
fn role(_next: Next, _req: &mut Request, _res: &mut Response) -> Result {
//      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error: macro
    _next.pass()
}

fn main() {}
