use connect::{Next, Request, Response, Result, middleware};

#[middleware]
fn logger(_req: &mut Request, _res: &mut Response, _next: Next, #[config] level: u8) -> Result {
//                                                              ^^^^^^^^^ error: macro
    _next.pass()
}

fn main() {}
