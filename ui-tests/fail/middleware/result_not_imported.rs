use connect::{Next, Request, Response, middleware};

#[middleware]
fn logger(_req: &mut Request, _res: &mut Response, next: Next) -> Result {
//                                                                ^^^^^^ error: rustc
    next.pass()
}

fn main() {}
