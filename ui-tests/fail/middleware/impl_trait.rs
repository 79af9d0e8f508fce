use connect::{Next, Request, Response, middleware};

#[middleware]
fn logger(#[config] _name: impl Send, _req: &mut Request, _res: &mut Response, next: Next) -> Result {
    next.pass()
}

fn main() {}
