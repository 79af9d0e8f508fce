use connect::{Next, Request, Response, Result, middleware, router};

#[middleware]
fn hello(_req: &mut Request, _res: &mut Response, next: Next) -> Result {
    next.pass()
}

struct Logger;

fn main() {
    let _ = router![Logger];
    //              ^^^^^^ error: rustc
}
