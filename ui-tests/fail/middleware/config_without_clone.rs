use connect::{Next, Request, Response, Result, middleware};

struct Key;

#[middleware]
fn check(#[config] key: Key, req: &mut Request, res: &mut Response, next: Next) -> Result {
    next.pass()
}

fn main() {}
