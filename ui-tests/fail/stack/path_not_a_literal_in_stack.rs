use connect::{Next, Request, Response, Result, middleware, stack};

#[middleware]
fn hello(_req: &mut Request, _res: &mut Response, next: Next) -> Result {
    next.pass()
}

const PATH: &str = "/x";

fn main() {
    let _ = stack![PATH => hello];
    //             ^^^^ error: macro
}
