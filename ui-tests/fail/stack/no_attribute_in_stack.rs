use connect::{Next, Request, Response, Result, middleware, stack};

#[middleware]
fn hello(_req: &mut Request, _res: &mut Response, next: Next) -> Result {
    next.pass()
}

fn logger() {}

fn main() {
    let _ = stack![hello, logger];
    //                    ^^^^^^ error: rustc
}
