use connect::{Next, Request, Response, Result, middleware};

#[middleware]
fn logger(_req: &mut Request, _res: Response, next: Next) -> Result {
//                                  ^^^^^^^^ error: macro
    next.pass()
}

fn main() {}
