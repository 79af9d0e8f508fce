use connect::{Next, Request, Response, Result, middleware};

#[middleware]
fn logger(_req: &mut Request, _res: &mut Response, _next: &Next) -> Result {
//                                                        ^^^^^ error: macro
    todo!()
}

fn main() {}
