use connect::{Next, Request, Response, Result, middleware};

struct Key;

#[middleware]
fn check(#[config] _key: Key, _req: &mut Request, _res: &mut Response, _next: Next) -> Result {
//                       ^^^ error: rustc
    _next.pass()
}

fn main() {}
