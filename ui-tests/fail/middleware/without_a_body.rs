use connect::{Next, Request, Response, Result, middleware};

#[middleware]
fn logger(_req: &mut Request, _res: &mut Response, next: Next) -> Result;

#[middleware]
fn other(_req: &mut Request, _res: &mut Response, next: Next) -> Result {
    next.pass()
}

fn main() {}
