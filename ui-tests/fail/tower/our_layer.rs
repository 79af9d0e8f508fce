use connect::{Next, Request, Response, Result, app, middleware, tower};

#[middleware]
fn logger(_req: &mut Request, _res: &mut Response, next: Next) -> Result {
    next.pass()
}

fn main() {
    let _ = app![tower(logger)];
    //           ^^^^^^^^^^^^^ error: rustc
}
