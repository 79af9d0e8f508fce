use connect::{Next, Request, Response, Result, middleware};

#[middleware]
fn logger(_req: &mut Request, _res: &mut Response, next: Next) -> Result;
//                                                                      ^ error: macro

#[middleware]
fn other(_req: &mut Request, _res: &mut Response, next: Next) -> Result {
    next.pass()
}

fn main() {}
