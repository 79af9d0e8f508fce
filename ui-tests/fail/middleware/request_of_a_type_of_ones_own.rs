use connect::{Next, Response, Result, middleware};

struct Session;

#[middleware]
fn logger(_req: &mut Session, _res: &mut Response, next: Next) -> Result {
//                   ^^^^^^^ error: rustc
    next.pass()
}

fn main() {}
