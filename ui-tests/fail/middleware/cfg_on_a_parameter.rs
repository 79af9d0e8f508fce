use connect::{Next, Request, Response, Result, middleware};

#[middleware]
fn logger(_req: &mut Request, _res: &mut Response, #[cfg(unix)] next: Next) -> Result {
//                                                 ^^^^^^^^^^^^ error: macro
    next.pass()
}

fn main() {}
