use connect::{Next, Request, Response, Result, middleware};

#[middleware]
fn role(_role: &str, _req: &mut Request, _res: &mut Response, _next: Next) -> Result {
//      ^^^^^^^^^^^ error: macro
    _next.pass()
}

fn main() {}
