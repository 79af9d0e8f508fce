use connect::{Next, Request, Response, Result, middleware, router};

#[middleware]
fn hello(_req: &mut Request, _res: &mut Response, next: Next) -> Result {
    next.pass()
}

fn main() {
    let _ = router![hello; hello];
    //                   ^ error: macro
}
